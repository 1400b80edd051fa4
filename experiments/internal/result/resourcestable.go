package result

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"text/tabwriter"
)

// topRows is how many rows tables for people have of units, links and queues each.
const topRows = 10

// top returns the rows with the largest values, at most topRows, and how many are left out.
func top[T any](all []T, value func(*T) float64) (rows []T, left int) {
	rows = slices.Clone(all)
	slices.SortStableFunc(rows, func(a, b T) int { return cmp.Compare(value(&b), value(&a)) })
	left = max(len(rows)-topRows, 0)
	return rows[:len(rows)-left], left
}

// WriteTable writes tables for people: the units, the directions of links and the media by utilisation, the
// longest queues, frames that waited or were dropped, and the energy by device, the largest first.
func (r *Resources) WriteTable(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tw, "Simulated until %v, %d firings. All rows are in resources.csv.\n", r.duration(), r.Firings)
	more := func(n int) {
		if n > 0 {
			fmt.Fprintf(tw, "and %d more\n", n)
		}
	}
	fmt.Fprintln(tw, "UNIT\tUTILISATION\tFIRINGS\tLANES")
	units, left := top(r.Units, func(u *UnitUse) float64 { return u.Utilisation })
	for _, u := range units {
		fmt.Fprintf(tw, "%s.%s\t%s\t%d\t%d\n", u.Device, u.Unit, percent(u.Utilisation), u.Firings, u.Lanes)
	}
	more(left)
	if links, left := top(r.Links, func(l *LinkUse) float64 { return l.Utilisation }); len(links) > 0 {
		fmt.Fprintln(tw, "LINK\tUTILISATION\tBYTES\tTOKENS\tLOST\tQUEUE MEAN\tMAX")
		for _, l := range links {
			fmt.Fprintf(tw, "%s\t%s\t%d\t%d\t%d\t%.3g\t%d\n", l.name(), percent(l.Utilisation), l.Bytes, l.Tokens, l.LostTokens,
				l.QueueMean, l.QueueMax)
		}
		more(left)
	}
	if media, left := top(r.Media, func(m *MediumUse) float64 { return m.Utilisation }); len(media) > 0 {
		fmt.Fprintln(tw, "MEDIUM\tUTILISATION\tTOKENS\tAT A TIME")
		for _, m := range media {
			fmt.Fprintf(tw, "%s\t%s\t%d\t%.3g\n", m.Medium, percent(m.Utilisation), m.Tokens, m.Crossing)
		}
		more(left)
	}
	waited := slices.DeleteFunc(slices.Clone(r.Queues), func(q Queue) bool { return q.mean() == 0 })
	if queues, left := top(waited, (*Queue).mean); len(queues) > 0 {
		fmt.Fprintln(tw, "FIFO\tQUEUE MEAN\tMAX")
		for _, q := range queues {
			fmt.Fprintf(tw, "%s\t%.3g\t%s\n", q.FIFO, q.mean(), wholeOr(q.Max))
		}
		more(left)
	}
	if sources, left := top(r.Sources, func(s *SourceQueue) float64 { return s.Mean }); len(sources) > 0 {
		fmt.Fprintln(tw, "FRAMES BEFORE\tQUEUE MEAN\tMAX\tCAPTURED\tDROPPED")
		for _, s := range sources {
			captured, dropped := "", ""
			if s.Counts != nil {
				captured, dropped = strconv.FormatInt(s.Counts.Captured, 10), strconv.FormatInt(s.Counts.Dropped, 10)
			}
			fmt.Fprintf(tw, "%s\t%.3g\t%d\t%s\t%s\n", s.Source, s.Mean, s.Max, captured, dropped)
		}
		more(left)
	}
	r.writeEnergy(tw, more)
	return tw.Flush()
}

func (r *Resources) writeEnergy(w io.Writer, more func(int)) {
	devices, left := top(r.Devices, (*DeviceJoules).total)
	if len(devices) == 0 {
		return
	}
	fmt.Fprintln(w, "DEVICE\tENERGY J\tIDLE\tUNITS\tSENDING\tRECEIVING\tPOWER FIGURES")
	for _, d := range devices {
		if d.States == nil {
			fmt.Fprintf(w, "%s\tnot known: %s\n", d.Device, d.Missing)
			continue
		}
		fmt.Fprintf(w, "%s\t%.4g\t%.4g\t%.4g\t%.4g\t%.4g\t%s\n", d.Device, *d.Joules, d.States.Idle, d.units(), d.States.Send,
			d.States.Receive, d.Basis)
	}
	more(left)
}

// name says a link with its direction.
func (l *LinkUse) name() string {
	if l.HalfDuplex {
		return l.Link + " (" + l.From + " <-> " + l.To + ")"
	}
	return l.Link + " (" + l.From + " -> " + l.To + ")"
}

// mean is that of a queue; 0 where it is not known.
func (q *Queue) mean() float64 {
	if q.Mean == nil {
		return 0
	}
	return *q.Mean
}

func wholeOr(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

func (d *DeviceJoules) total() float64 {
	if d.Joules == nil {
		return 0
	}
	return *d.Joules
}

func (d *DeviceJoules) units() (sum float64) {
	for _, name := range slices.Sorted(maps.Keys(d.States.Units)) {
		sum += d.States.Units[name]
	}
	return sum
}

// WriteCSV writes all as one table for programs: a row a unit, direction of a link, medium, FIFO,
// source and device. Cells that a kind does not have, and what is not known, are empty.
func (r *Resources) WriteCSV(w io.Writer) error {
	c := csv.NewWriter(w)
	rows := [][]string{{"kind", "name", "count", "busy_s", "utilisation", "queue_mean", "queue_max", "bytes", "lost",
		"captured", "dropped", "joules", "idle_joules", "units_joules", "send_joules", "receive_joules"}}
	number := func(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }
	whole := func(n int64) string { return strconv.FormatInt(n, 10) }
	add := func(cells map[string]string) {
		row := make([]string, len(rows[0]))
		for i, name := range rows[0] {
			row[i] = cells[name]
		}
		rows = append(rows, row)
	}
	for _, u := range r.Units {
		add(map[string]string{"kind": "unit", "name": u.Device + "." + u.Unit, "count": whole(u.Firings),
			"busy_s": number(u.BusySeconds), "utilisation": number(u.Utilisation)})
	}
	for i := range r.Links {
		l := &r.Links[i]
		add(map[string]string{"kind": "link", "name": l.name(), "count": whole(l.Tokens), "busy_s": number(l.BusySeconds),
			"utilisation": number(l.Utilisation), "queue_mean": number(l.QueueMean), "queue_max": strconv.Itoa(l.QueueMax),
			"bytes": whole(l.Bytes), "lost": whole(l.LostTokens)})
	}
	for _, m := range r.Media {
		add(map[string]string{"kind": "medium", "name": m.Medium, "count": whole(m.Tokens), "busy_s": number(m.BusySeconds),
			"utilisation": number(m.Utilisation)})
	}
	for _, q := range r.Queues {
		cells := map[string]string{"kind": "fifo", "name": q.FIFO, "queue_max": wholeOr(q.Max)}
		if q.Mean != nil {
			cells["queue_mean"] = number(*q.Mean)
		}
		add(cells)
	}
	for _, s := range r.Sources {
		cells := map[string]string{"kind": "source", "name": s.Source, "queue_mean": number(s.Mean),
			"queue_max": strconv.Itoa(s.Max)}
		if s.Counts != nil {
			cells["captured"], cells["dropped"] = whole(s.Counts.Captured), whole(s.Counts.Dropped)
		}
		add(cells)
	}
	for i := range r.Devices {
		d := &r.Devices[i]
		cells := map[string]string{"kind": "device", "name": d.Device}
		if d.States != nil {
			cells["joules"], cells["idle_joules"] = number(*d.Joules), number(d.States.Idle)
			cells["units_joules"], cells["send_joules"] = number(d.units()), number(d.States.Send)
			cells["receive_joules"] = number(d.States.Receive)
		}
		add(cells)
	}
	return c.WriteAll(rows)
}
