package topcmd

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/edgeprune/edgeprune/experiments/cli/live"
)

const (
	runEnd    = 6  // letters of a run's ID that are shown: its last ones tell runs apart
	nameBytes = 24 // of a FIFO's name
	mostLinks = 3  // of a device, in one column
)

// text returns a screen as lines for people.
func text(s live.Screen) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "device\tstate\trun\tof\tframe\tframes/s\tunits busy\tfullest FIFO\tsends MB/s\treceives MB/s\t°C\tW")
	for i := range s.Devices {
		r := &s.Devices[i]
		if r.Error != "" {
			fmt.Fprintf(w, "%s\tno answer\n", r.Device)
			continue
		}
		run, frame := tail(r.Run), ""
		if r.Run != "" {
			frame = fmt.Sprintf("%d of %d", r.Frames, r.Total)
		}
		fmt.Fprintln(w, strings.Join([]string{r.Device, string(r.State), run, r.Owner, frame, frames(r), units(r), fullest(r),
			sends(r), receives(r), hottest(r), watts(r)}, "\t"))
	}
	_ = w.Flush() // to memory
	for i := range s.Devices {
		r := &s.Devices[i]
		for _, line := range []string{r.Error, r.Failed} {
			if line != "" {
				fmt.Fprintf(&b, "%s: %s\n", r.Device, line)
			}
		}
	}
	for _, line := range s.Bottlenecks {
		fmt.Fprintf(&b, "%s\n", line)
	}
	return b.String()
}

func tail(run string) string {
	if len(run) > runEnd {
		return "…" + run[len(run)-runEnd:]
	}
	return run
}

func frames(r *live.Row) string {
	if r.Rates == nil || r.State != wire.Running {
		return ""
	}
	return fmt.Sprintf("%.1f", r.Rates.FramesPerSec)
}

// units are the busy shares of all lanes of each unit.
func units(r *live.Row) string {
	var all []string
	for _, u := range r.Units {
		if u.Busy != nil {
			all = append(all, fmt.Sprintf("%s %s", u.Name, share(*u.Busy)))
		}
	}
	return strings.Join(all, ", ")
}

// share is one in percent; more than all is what firings that have ended began with before.
func share(of float64) string { return fmt.Sprintf("%.0f%%", 100*min(of, 1)) }

func fullest(r *live.Row) string {
	most := -1
	for i, f := range r.FIFOs {
		if most < 0 || f.Tokens*r.FIFOs[most].Capacity > r.FIFOs[most].Tokens*f.Capacity {
			most = i
		}
	}
	if most < 0 {
		return ""
	}
	f := &r.FIFOs[most]
	return fmt.Sprintf("%d/%d %s", f.Tokens, f.Capacity, cut(f.Name, nameBytes))
}

// cut returns a text of at most that many letters.
func cut(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most-1]) + "…"
}

// sends are the rates of tokens to each peer, of the capacity or of ? where that is not known, and for which
// share of the time the sender's side was busy.
func sends(r *live.Row) string {
	return links(r, func(l *live.Link) string {
		if l.SentBytesPerSec == nil || l.Busy == nil {
			return ""
		}
		capacity := "?"
		if l.CapacityBytesPerSec > 0 {
			capacity = mega(l.CapacityBytesPerSec)
		}
		return fmt.Sprintf("%s of %s, busy %s", mega(*l.SentBytesPerSec), capacity, share(*l.Busy))
	})
}

func receives(r *live.Row) string {
	return links(r, func(l *live.Link) string {
		if l.ReceivedBytesPerSec == nil {
			return ""
		}
		return mega(*l.ReceivedBytesPerSec)
	})
}

// mega are bytes per second as MB/s.
func mega(bytesPerSec float64) string { return fmt.Sprintf("%.3g", bytesPerSec/1e6) }

func links(r *live.Row, of func(*live.Link) string) string {
	var all []string
	for i := range r.Links {
		value := of(&r.Links[i])
		switch {
		case value == "":
		case i < mostLinks:
			all = append(all, r.Links[i].Peer+" "+value)
		case i == mostLinks:
			all = append(all, fmt.Sprintf("%d more", len(r.Links)-mostLinks))
		}
	}
	return strings.Join(all, "; ")
}

func hottest(r *live.Row) string {
	if r.Hottest == nil {
		return ""
	}
	return fmt.Sprintf("%.1f", r.Hottest.Celsius)
}

func watts(r *live.Row) string {
	if r.Watts == nil {
		return ""
	}
	return fmt.Sprintf("%.2f", *r.Watts)
}
