package result

import (
	"fmt"
	"strconv"

	"github.com/edgeprune/edgeprune/experiments/internal/listing"
)

// Tables returns the runs, all instances of them, then what simulations made of devices and links.
func (p *PlanRuns) Tables() []listing.Table {
	all := []listing.Table{p.table()}
	for i := range p.Runs {
		if r := p.Runs[i].Resources; r != nil {
			all = append(all, r.Tables()...)
		}
	}
	return all
}

func (p *PlanRuns) table() listing.Table {
	t := listing.Table{
		Name: "Runs", About: "± is half the 95 % interval: of the median over frames, or of throughput's mean.",
		Columns: []listing.Column{
			{Name: "run"}, {Name: "instance"}, {Name: "endpoint time", Unit: "ms", Numeric: true},
			{Name: "latency", Unit: "ms", Numeric: true, About: "From the frame's entry to its result, the median."},
			{Name: "latency, p99", Unit: "ms", Numeric: true}, {Name: "throughput", Unit: "frames/s", Numeric: true},
			{Name: "bytes per frame", Numeric: true, About: "That the endpoint sends."},
			{Name: "round trip", Unit: "ms", Numeric: true, About: "Until the endpoint knows of the result, on its own clock."},
			{Name: "energy of the endpoint", Unit: "J", Numeric: true},
			{Name: "energy of all devices", Unit: "J", Numeric: true},
			{Name: "frames", Numeric: true, About: "That were counted."},
			{Name: "firings of", About: "The machine whose firings were measured."},
			{Name: "messages of", About: "The transport whose messages were measured."},
		},
	}
	stat := func(s *Stat) listing.Cell {
		if s == nil {
			return listing.Cell{}
		}
		return listing.Number(milliseconds(s.Median)+" ± "+milliseconds(s.Spread())+clockText(s.Clock, milliseconds),
			1e3*s.Median)
	}
	for i := range p.Runs {
		r := &p.Runs[i]
		o := &r.Outcome
		energy := func(endpoint bool) listing.Cell {
			j, _, ok := o.Energy.PerFrame(endpoint)
			if !ok {
				return listing.Cell{}
			}
			return listing.Number(energyText(o, endpoint, true), j)
		}
		t.Rows = append(t.Rows, listing.Row{Measured: r.Driver != simDriver, Cells: []listing.Cell{
			{Text: r.Name()}, {Text: r.Instance}, stat(&o.EndpointTime), stat(&o.Latency),
			listing.Number(milliseconds(o.Latency.P99), 1e3*o.Latency.P99),
			listing.Number(fps(o.Throughput.Value)+clockText(o.Throughput.Clock, fps), o.Throughput.Value),
			listing.Number(fmt.Sprint(o.BoundaryBytes), float64(o.BoundaryBytes)), stat(o.RoundTrip),
			energy(true), energy(false),
			listing.Number(fmt.Sprint(o.Latency.N), float64(o.Latency.N)),
			{Text: r.Origin.Profile}, {Text: r.Origin.Link},
		}})
	}
	return t.Compact()
}

// Tables returns all units, directions of links, media, FIFOs, sources and devices.
func (r *Resources) Tables() []listing.Table {
	share := func(f float64) listing.Cell { return listing.Number(percent(f), 100*f) }
	whole := func(n int64) listing.Cell { return listing.Number(strconv.FormatInt(n, 10), float64(n)) }
	mean := func(f float64) listing.Cell { return listing.Number(fmt.Sprintf("%.3g", f), f) }
	units := made("Units, as simulated", "unit", "utilisation", "firings", "lanes")
	for _, u := range r.Units {
		add(&units, u.Device+"."+u.Unit, share(u.Utilisation), whole(u.Firings), whole(int64(u.Lanes)))
	}
	links := made("Links, as simulated", "link", "utilisation", "bytes", "tokens", "lost", "mean queue", "longest queue")
	for i := range r.Links {
		l := &r.Links[i]
		add(&links, l.name(), share(l.Utilisation), whole(l.Bytes), whole(l.Tokens), whole(l.LostTokens), mean(l.QueueMean),
			whole(int64(l.QueueMax)))
	}
	media := made("Media, as simulated", "medium", "utilisation", "tokens", "at a time")
	for _, m := range r.Media {
		add(&media, m.Medium, share(m.Utilisation), whole(m.Tokens), mean(m.Crossing))
	}
	queues := made("Queues, as simulated", "FIFO", "mean queue", "longest queue")
	for i := range r.Queues {
		q := &r.Queues[i]
		longest := listing.Cell{}
		if q.Max != nil {
			longest = whole(int64(*q.Max))
		}
		add(&queues, q.FIFO, mean(q.mean()), longest)
	}
	sources := made("Frames before sources, as simulated", "source", "mean queue", "longest queue", "captured", "dropped")
	for _, s := range r.Sources {
		captured, dropped := listing.Cell{}, listing.Cell{}
		if s.Counts != nil {
			captured, dropped = whole(s.Counts.Captured), whole(s.Counts.Dropped)
		}
		add(&sources, s.Source, mean(s.Mean), whole(int64(s.Max)), captured, dropped)
	}
	var all []listing.Table
	for _, t := range []listing.Table{units, links, media, queues, sources, r.energyTable()} {
		if len(t.Rows) > 0 {
			all = append(all, t.Compact())
		}
	}
	return all
}

func (r *Resources) energyTable() listing.Table {
	t := made("Energy of the whole run, as simulated", "device", "all", "idle", "units", "sending", "receiving")
	for i := range t.Columns[1:] {
		t.Columns[1+i].Unit = "J"
	}
	t.Columns = append(t.Columns, listing.Column{Name: "power figures"})
	joules := func(f float64) listing.Cell { return listing.Number(fmt.Sprintf("%.4g", f), f) }
	for i := range r.Devices {
		d := &r.Devices[i]
		if d.States == nil {
			add(&t, d.Device, listing.Cell{}, listing.Cell{}, listing.Cell{}, listing.Cell{}, listing.Cell{},
				listing.Cell{Text: "not known: " + d.Missing})
			continue
		}
		add(&t, d.Device, joules(*d.Joules), joules(d.States.Idle), joules(d.units()), joules(d.States.Send),
			joules(d.States.Receive), listing.Cell{Text: fmt.Sprint(d.Basis)})
	}
	return t
}

// made is a table of numbers with names before them.
func made(name, first string, numbers ...string) listing.Table {
	t := listing.Table{Name: name, Columns: []listing.Column{{Name: first}}}
	for _, n := range numbers {
		t.Columns = append(t.Columns, listing.Column{Name: n, Numeric: true})
	}
	return t
}

func add(t *listing.Table, name string, cells ...listing.Cell) {
	t.Rows = append(t.Rows, listing.Row{Cells: append([]listing.Cell{{Text: name}}, cells...)})
}
