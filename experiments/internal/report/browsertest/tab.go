//go:build browser

package browsertest

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// longest bounds a test with a browser, on a machine that has other work too.
const longest = 5 * time.Minute

// Tab is a page of a browser that is this test's own and ends with it.
type Tab struct {
	t   testing.TB
	ctx context.Context

	mu       sync.Mutex
	problems []string // errors and warnings of the console, and exceptions
	requests []string // addresses that were asked for, data: left out
}

// Open starts a browser with an empty page of 1280 by 900 points.
func Open(t testing.TB) *Tab {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(1280, 900), chromedp.Flag("hide-scrollbars", false))
	if os.Geteuid() == 0 { // Chromium's sandbox refuses root
		options = append(options, chromedp.NoSandbox)
	}
	ctx, stop := context.WithTimeout(t.Context(), longest)
	t.Cleanup(stop)
	ctx, end := chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(end)
	ctx, closed := chromedp.NewContext(ctx)
	t.Cleanup(closed)
	tab := &Tab{t: t, ctx: ctx}
	require.NoError(t, chromedp.Listen(ctx, tab.heard), "start Chromium; `just browser` installs it")
	tab.do(chromedp.Func(func(ctx context.Context, to *chromedp.Target) error {
		if _, err := cdp.Call(ctx, to, network.Enable, network.EnableParams{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, to, log.Enable, cdp.Empty{})
		return err
	}))
	return tab
}

// heard keeps what the browser says of the page.
func (tab *Tab) heard(event any) {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		switch e.Type {
		case runtime.ConsoleAPICalledTypeError, runtime.ConsoleAPICalledTypeWarning, runtime.ConsoleAPICalledTypeAssert:
			text := string(e.Type)
			for _, a := range e.Args {
				text += " " + a.Description + string(a.Value)
			}
			tab.problems = append(tab.problems, text)
		}
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if x := e.ExceptionDetails.Exception; x != nil {
			text += " " + x.Description
		}
		tab.problems = append(tab.problems, text)
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			tab.problems = append(tab.problems, fmt.Sprintf("%s: %s", e.Entry.Source, e.Entry.Text))
		}
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, "data:") {
			tab.requests = append(tab.requests, e.Request.URL)
		}
	}
}

func (tab *Tab) do(steps ...chromedp.Action[chromedp.Void]) {
	tab.t.Helper()
	require.NoError(tab.t, chromedp.Do(tab.ctx, steps...))
}

// Go opens an address and waits until it is loaded.
func (tab *Tab) Go(url string) {
	tab.t.Helper()
	tab.do(chromedp.Navigate(url))
}

// GoFile is Go of a file.
func (tab *Tab) GoFile(path string) {
	tab.t.Helper()
	tab.Go("file://" + path)
}

// Eval evaluates an expression of JavaScript in the page and returns its value.
func Eval[T any](tab *Tab, js string) T {
	tab.t.Helper()
	v, err := chromedp.Run(tab.ctx, chromedp.Evaluate[T](js))
	require.NoError(tab.t, err, js)
	return v
}

// Quiet fails the test if the browser complained about anything, or asked for an address that
// begins with none of those given.
func (tab *Tab) Quiet(allowed ...string) {
	tab.t.Helper()
	tab.mu.Lock()
	defer tab.mu.Unlock()
	assert.Empty(tab.t, tab.problems, "console")
	for _, r := range tab.requests {
		known := false
		for _, a := range allowed {
			known = known || strings.HasPrefix(r, a)
		}
		assert.True(tab.t, known, "request to %s", r)
	}
}
