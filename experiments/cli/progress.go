package cli

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// progress prints what a command does to stderr: one line that is overwritten
// on a terminal, a line every few seconds elsewhere.
type progress struct {
	w        io.Writer
	terminal bool
	now      func() time.Time

	mu   sync.Mutex
	last time.Time
	open bool // an overwritable line stands there
}

const quietInterval = 5 * time.Second

func (a *App) progress() *progress {
	return &progress{w: a.env.Stderr, terminal: a.env.Terminal, now: a.env.Now}
}

// Step implements experiments.Progress.
func (p *progress) Step(what string, n, total int, left time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := p.now(); !p.terminal {
		if now.Sub(p.last) < quietInterval && n != total {
			return
		}
		p.last = now
	}
	line := fmt.Sprintf("[%d/%d] %s", n, total, what)
	if left > 0 {
		line += fmt.Sprintf(" (about %v left)", left)
	}
	if p.terminal {
		fmt.Fprintf(p.w, "\r\x1b[K%.100s", line)
		p.open = true
		return
	}
	fmt.Fprintln(p.w, line)
}

// Logf implements experiments.Progress.
func (p *progress) Logf(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.open = false
	}
	fmt.Fprintf(p.w, format+"\n", args...)
}

// done ends an overwritable line.
func (p *progress) done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.open = false
	}
}
