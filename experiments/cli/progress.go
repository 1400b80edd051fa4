package cli

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// progress prints what a command does to stderr: one line with a bar that is overwritten
// on a terminal, a line every few seconds elsewhere.
type progress struct {
	w        io.Writer
	terminal bool
	colour   bool
	bar      bar
	now      func() time.Time
	beat     time.Duration // after which a step that goes on is told of again; 0: never

	mu    sync.Mutex
	last  time.Time
	open  bool // an overwritable line stands there
	pace  pace
	timer *time.Timer // nil: no step goes on
	since time.Time   // that the step began, by the system's clock
}

const quietInterval = 5 * time.Second

func (a *App) progress() *progress {
	p := &progress{
		w: a.env.Stderr, terminal: a.env.Terminal, colour: a.colours(), now: a.env.Now, beat: a.env.Beat,
		bar: bar{columns: a.env.Columns, unicode: unicodeLocale(a.env.Getenv)},
	}
	a.shown = append(a.shown, p)
	return p
}

// Step implements experiments.Progress.
func (p *progress) Step(what string, n, total int, left time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rest()
	now := p.now()
	guess := p.pace.left(n, total, now)
	defer p.goOn(what, n, total)
	if p.terminal {
		if left == 0 {
			left = guess
		}
		p.draw(what, n, total, left)
		return
	}
	if now.Sub(p.last) < quietInterval && n != total {
		return
	}
	p.last = now
	line := fmt.Sprintf("[%d/%d] %s", n, total, what)
	if left > 0 {
		line += fmt.Sprintf(" (about %v left)", left)
	}
	fmt.Fprintln(p.w, line)
}

func (p *progress) draw(what string, n, total int, left time.Duration) {
	fmt.Fprintf(p.w, "\r\x1b[K%s", p.bar.line(what, n, total, left))
	p.open = true
}

// goOn has a step that takes long told of again, until the next one.
func (p *progress) goOn(what string, n, total int) {
	if p.beat <= 0 {
		return
	}
	p.since = time.Now()
	var timer *time.Timer
	timer = time.AfterFunc(p.beat, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.timer != timer { // another step has begun, or it has ended
			return
		}
		took := time.Since(p.since).Round(max(p.beat/10, time.Millisecond))
		if p.terminal {
			p.draw(fmt.Sprintf("%s, for %v", what, took), n, total, 0)
		} else {
			fmt.Fprintf(p.w, "[%d/%d] %s goes on, for %v\n", n, total, what, took)
		}
		timer.Reset(p.beat)
	})
	p.timer = timer
}

// rest ends the step that goes on.
func (p *progress) rest() {
	if p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
}

// Logf implements experiments.Progress.
func (p *progress) Logf(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	text := fmt.Sprintf(format, args...)
	if rest, warning := strings.CutPrefix(text, "warning:"); warning && p.colour {
		text = yellow + "warning:" + plain + rest
	}
	fmt.Fprintln(p.w, text)
}

// done ends an overwritable line, and the step that goes on.
func (p *progress) done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rest()
	p.clear()
}

func (p *progress) clear() {
	if p.open {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.open = false
	}
}
