//go:build browser

package browsertest

import (
	"bytes"
	"context"
	_ "embed" // of the script
	"os"
	"path/filepath"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Size makes the window that wide and high, in CSS pixels; below 600 it is a phone's.
func (tab *Tab) Size(width, height int) {
	tab.t.Helper()
	var options []chromedp.EmulateViewportOption
	if width < 600 {
		options = append(options, chromedp.EmulateMobile, chromedp.EmulateScale(2))
	}
	tab.do(chromedp.EmulateViewport(int64(width), int64(height), options...))
}

// Dark makes the system prefer dark colours, or light ones.
func (tab *Tab) Dark(dark bool) {
	tab.t.Helper()
	value := "light"
	if dark {
		value = "dark"
	}
	tab.media("", value)
}

// media shows the page as on a medium, "" of which is the screen, with preferred colours.
func (tab *Tab) media(medium, colors string) {
	tab.t.Helper()
	tab.do(chromedp.Func(func(ctx context.Context, to *chromedp.Target) error {
		_, err := cdp.Call(ctx, to, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Media: medium, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: colors}},
		})
		return err
	}))
}

// Press presses keys, one after the other: characters, or those of chromedp/kb.
func (tab *Tab) Press(keys ...string) {
	tab.t.Helper()
	for _, k := range keys {
		tab.do(chromedp.KeyEvent(k))
	}
}

// Point puts the pointer at a place of the window, in CSS pixels.
func (tab *Tab) Point(x, y float64) {
	tab.t.Helper()
	tab.do(chromedp.MouseEvent("mouseMoved", x, y))
}

// Click clicks on the first element that a CSS selector finds.
func (tab *Tab) Click(selector string) {
	tab.t.Helper()
	tab.do(chromedp.Click(chromedp.CSS(selector)))
}

// Fits fails the test if the page is wider than the window.
func (tab *Tab) Fits() {
	tab.t.Helper()
	over := Eval[[]string](tab, `(() => {
		const most = document.documentElement.clientWidth;
		if (document.documentElement.scrollWidth <= most) return [];
		return [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > most + 1)
			.slice(0, 5).map((e) => e.outerHTML.slice(0, 120));
	})()`)
	assert.Empty(tab.t, over, "wider than the window")
}

//go:embed contrast.js
var contrast string

// Legible fails the test if a text's contrast with its background is below what WCAG 2.2 asks
// for at level AA: 4.5, or 3 if it is large.
func (tab *Tab) Legible() {
	tab.t.Helper()
	assert.Empty(tab.t, Eval[[]string](tab, contrast), "contrast")
}

// Picture writes what the window shows, or the whole page, as NAME.png into the folder
// $EDGEPRUNE_SCREENSHOTS, where it is set.
func (tab *Tab) Picture(name string, whole bool) {
	tab.t.Helper()
	take := chromedp.CaptureScreenshot()
	if whole {
		take = chromedp.FullScreenshot(100)
	}
	b, err := chromedp.Run(tab.ctx, take)
	require.NoError(tab.t, err)
	require.True(tab.t, bytes.HasPrefix(b, []byte("\x89PNG")), "no PNG")
	tab.keep(name+".png", b)
}

// Print prints the page as PDF, which it returns, and writes it as NAME.pdf where Picture does.
func (tab *Tab) Print(name string) []byte {
	tab.t.Helper()
	b, err := chromedp.Run(tab.ctx, chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4)))
	require.NoError(tab.t, err)
	require.True(tab.t, bytes.HasPrefix(b, []byte("%PDF-")), "no PDF")
	tab.keep(name+".pdf", b)
	return b
}

func (tab *Tab) keep(name string, b []byte) {
	dir := os.Getenv("EDGEPRUNE_SCREENSHOTS")
	if dir == "" {
		return
	}
	require.NoError(tab.t, os.MkdirAll(dir, 0o755))
	require.NoError(tab.t, os.WriteFile(filepath.Join(dir, name), b, 0o644))
}

// Paper shows the page as it is printed, on A4 paper, until Dark is called.
func (tab *Tab) Paper() {
	tab.t.Helper()
	tab.Size(718, 1047) // 190 mm by 277 mm, at 96 points an inch
	tab.media("print", "light")
}
