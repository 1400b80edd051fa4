package cli

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Where no terminal is, lines come every few seconds, and the last one of a series.
func TestProgressInLines(t *testing.T) {
	var buf bytes.Buffer
	now := noon
	p := &progress{w: &buf, now: func() time.Time { return now }}
	p.Step("one", 1, 3, 0)
	p.Step("too soon after it", 2, 3, 0)
	p.Step("the last", 3, 3, time.Minute)
	now = now.Add(quietInterval)
	p.Step("later", 1, 2, 0)
	p.Logf("said %d", 7)
	p.done()
	assert.Equal(t, "[1/3] one\n[3/3] the last (about 1m0s left)\n[1/2] later\nsaid 7\n", buf.String())
}

// On a terminal, a line with a bar is overwritten, and guesses what is left.
func TestProgressOnTerminal(t *testing.T) {
	var buf bytes.Buffer
	now := noon
	p := &progress{w: &buf, now: func() time.Time { return now }, terminal: true}
	p.Step("one", 1, 4, 0)
	now = now.Add(3 * time.Second)
	p.Step("two", 2, 4, 0)
	p.Logf("warning: said")
	p.done()
	assert.Equal(t, "\r\x1b[K#####...............  25 %  1/4  one"+
		"\r\x1b[K##########..........  50 %  2/4  two, about 6s left\r\x1b[Kwarning: said\n", buf.String())
	buf.Reset()
	p.colour = true
	p.Logf("warning: said")
	assert.Equal(t, "\x1b[33mwarning:\x1b[0m said\n", buf.String())
}

// A bar fits its terminal, has no Unicode where the locale has none, and no more than all.
func TestBar(t *testing.T) {
	wide := func(n int) func() int { return func() int { return n } }
	for _, tt := range []struct {
		bar      bar
		what     string
		n, total int
		left     time.Duration
		want     string
	}{
		{bar{}, "a", 1, 2, 0, "##########..........  50 %  1/2  a"},
		{bar{unicode: true}, "a", 1, 2, 0, "██████████░░░░░░░░░░  50 %  1/2  a"},
		{bar{columns: wide(0)}, "a", 0, 0, 0, "....................   0 %  0/0  a"},
		{bar{columns: wide(40)}, "a", 3, 2, 0, "100 %  3/2  a"},
		{bar{columns: wide(30)}, "a long name of a step", 1, 2, time.Minute, " 50 %  1/2  a long name of a step"[:29]},
	} {
		assert.Equal(t, tt.want, tt.bar.line(tt.what, tt.n, tt.total, tt.left), tt)
	}
	for columns := 1; columns < 100; columns++ {
		line := bar{columns: wide(columns), unicode: true}.line(strings.Repeat("ü", 200), 1, 2, 0)
		assert.Len(t, []rune(line), columns-1)
	}
	for locale, want := range map[string]bool{"en_US.UTF-8": true, "C.utf8": true, "C": false, "": false} {
		assert.Equal(t, want, unicodeLocale(func(name string) string {
			return map[string]string{"LANG": locale}[name]
		}), locale)
	}
	assert.False(t, unicodeLocale(func(name string) string {
		return map[string]string{"LANG": "en_US.UTF-8", "LC_ALL": "C"}[name]
	}))
}

// A series of steps that begins anew is guessed anew.
func TestPace(t *testing.T) {
	var p pace
	assert.Zero(t, p.left(1, 10, noon))
	assert.Zero(t, p.left(2, 10, noon.Add(time.Second)), "too early")
	assert.Equal(t, 14*time.Second, p.left(3, 10, noon.Add(4*time.Second)))
	assert.Zero(t, p.left(1, 10, noon.Add(5*time.Second)), "another series")
	assert.Zero(t, p.left(10, 10, noon.Add(50*time.Second)), "nothing is left")
}

// guarded is a buffer that several may write to and read.
type guarded struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (g *guarded) Write(b []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.buf.Write(b)
}

func (g *guarded) String() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.buf.String()
}

// A step that takes long is told of again, until it has ended.
func TestProgressGoesOn(t *testing.T) {
	for terminal, want := range map[bool]string{false: "[1/2] slow goes on, for ", true: "1/2  slow, for "} {
		w := &guarded{}
		p := &progress{w: w, now: func() time.Time { return noon }, terminal: terminal, beat: time.Millisecond}
		p.Step("slow", 1, 2, 0)
		require.Eventually(t, func() bool { return strings.Count(w.String(), want) >= 2 }, 30*time.Second, time.Millisecond)
		p.done()
		ended := w.String()
		assert.Never(t, func() bool { return w.String() != ended }, 20*time.Millisecond, time.Millisecond)
	}
}

// What an error begins with is red on a terminal, and nowhere else.
func TestColours(t *testing.T) {
	for _, tt := range []struct {
		name     string
		terminal bool
		args     []string
		env      map[string]string
		want     string
	}{
		{"terminal", true, []string{"rum"}, nil, "\x1b[1;31medgeprune:\x1b[0m bad input: "},
		{"none", false, []string{"rum"}, nil, "edgeprune: bad input: "},
		{"NO_COLOR", true, []string{"rum"}, map[string]string{"NO_COLOR": "1"}, "edgeprune: bad input: "},
		{"empty NO_COLOR", true, []string{"rum"}, map[string]string{"NO_COLOR": ""}, "\x1b[1;31medgeprune:"},
		{"dumb", true, []string{"rum"}, map[string]string{"TERM": "dumb"}, "edgeprune: bad input: "},
		{"JSON", true, []string{"rum", "--json"}, nil, "edgeprune: bad input: "},
	} {
		var stdout, stderr bytes.Buffer
		a := New(Env{
			Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Terminal: tt.terminal,
			Now: func() time.Time { return noon }, Getenv: func(name string) string { return tt.env[name] },
		})
		assert.Equal(t, exitInput, a.Run(t.Context(), append([]string{"edgeprune"}, tt.args...)), tt.name)
		assert.True(t, strings.HasPrefix(stderr.String(), tt.want), "%s: %q", tt.name, stderr.String())
		assert.NotContains(t, stdout.String(), "\x1b", tt.name)
	}
}
