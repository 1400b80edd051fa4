package cli

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// Colours of a terminal, which stand for little: what begins an error and a warning.
const (
	red    = "\x1b[1;31m"
	yellow = "\x1b[33m"
	plain  = "\x1b[0m"
)

// colours reports whether the standard error output shows colours: on a terminal that can,
// unless NO_COLOR (no-color.org) says otherwise, or the output is for a program.
func (a *App) colours() bool {
	return a.env.Terminal && !a.json && a.env.Getenv("NO_COLOR") == "" && a.env.Getenv("TERM") != "dumb"
}

// unicodeLocale reports whether the locale's characters are Unicode.
func unicodeLocale(getenv func(string) string) bool {
	locale := strings.ToLower(cmp.Or(getenv("LC_ALL"), getenv("LC_CTYPE"), getenv("LANG")))
	return strings.Contains(locale, "utf-8") || strings.Contains(locale, "utf8")
}

// bar draws a line of progress for a terminal.
type bar struct {
	columns func() int // of the terminal; nil, or 0: not known
	unicode bool
}

const (
	barColumns     = 20
	assumedColumns = 80
	leastForBar    = 50 // columns; narrower terminals have the numbers alone
)

// line is one line, which fits the terminal.
func (b bar) line(what string, n, total int, left time.Duration) string {
	columns := assumedColumns
	if b.columns != nil {
		if c := b.columns(); c > 0 {
			columns = c
		}
	}
	share := 0.0
	if total > 0 {
		share = min(max(float64(n)/float64(total), 0), 1)
	}
	text := fmt.Sprintf("%3.0f %%  %d/%d  %s", 100*share, n, total, what)
	if columns >= leastForBar {
		full, empty := "#", "."
		if b.unicode {
			full, empty = "█", "░"
		}
		filled := int(share*barColumns + 0.5)
		text = strings.Repeat(full, filled) + strings.Repeat(empty, barColumns-filled) + " " + text
	}
	end := ""
	if left > 0 {
		end = fmt.Sprintf(", about %v left", left.Round(time.Second))
	}
	if columns < leastForBar {
		end = ""
	}
	room := columns - 1 - len(end) // in the last column, some terminals begin a new line
	if r := []rune(text); len(r) > room {
		text = string(r[:max(room, 0)])
	}
	return text + end
}

// pace guesses how long is left, from how long the steps of a series took that are done.
type pace struct {
	began time.Time
	from  int
	total int
	at    int
}

// settled is how long a series must have gone on for a guess.
const settled = 2 * time.Second

// left returns a guess, 0 for none. A series ends when the number of steps changes, or the
// count begins anew.
func (p *pace) left(n, total int, now time.Time) time.Duration {
	if total != p.total || n < p.at || p.began.IsZero() {
		*p = pace{began: now, from: n, total: total}
	}
	p.at = n
	spent := now.Sub(p.began)
	if n <= p.from || n >= total || spent < settled {
		return 0
	}
	return (spent / time.Duration(n-p.from) * time.Duration(total-n)).Round(time.Second)
}
