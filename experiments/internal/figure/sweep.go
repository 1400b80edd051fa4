package figure

import (
	"fmt"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// EndpointTime draws endpoint time against the cut, a panel per endpoint and
// link, and below them the boundary bytes, to base.png and base.svg; it returns
// their paths. A sweep without rows gives an error wrapping ErrNothing.
func EndpointTime(base string, s *result.Sweep) ([]string, error) {
	p, err := endpointTimePage(s)
	if err != nil {
		return nil, err
	}
	return p.write(base)
}

// LatencyThroughput draws latency and throughput against the cut, as
// EndpointTime does.
func LatencyThroughput(base string, s *result.Sweep) ([]string, error) {
	p, err := sweepPage(s, "latency and throughput against the cut", []metric{latency, throughput}, false)
	if err != nil {
		return nil, err
	}
	return p.write(base)
}

func endpointTimePage(s *result.Sweep) (*page, error) {
	return sweepPage(s, "endpoint time and boundary bytes against the cut", []metric{endpointTime}, true)
}

// sweepPage is alongPage of a sweep of cuts; others give an error wrapping ErrNothing.
func sweepPage(s *result.Sweep, title string, metrics []metric, bytes bool) (*page, error) {
	if s.Kind != result.OfCuts {
		return nil, fmt.Errorf("figure: %s: %w", title, ErrNothing)
	}
	return alongPage(s, title, metrics, bytes)
}

// alongPage has a column per link; and a row per endpoint and metric, and one for the bytes if
// wanted. They are drawn against the cut, or what is swept instead.
func alongPage(s *result.Sweep, title string, metrics []metric, bytes bool) (*page, error) {
	a := newAxis(s.Rows)
	groups := result.Groups(s.Rows)
	if len(groups) == 0 {
		return nil, fmt.Errorf("figure: %s: %w", title, ErrNothing)
	}
	var endpoints, links []string
	for _, g := range groups {
		if !slices.Contains(endpoints, g.Endpoint) {
			endpoints = append(endpoints, g.Endpoint)
		}
		if !slices.Contains(links, g.Link) {
			links = append(links, g.Link)
		}
	}
	find := func(endpoint, link string) *result.Group {
		i := slices.IndexFunc(groups, func(g result.Group) bool { return g.Endpoint == endpoint && g.Link == link })
		if i < 0 {
			return nil
		}
		return &groups[i]
	}
	sum, err := result.Summarise(s)
	if err != nil {
		return nil, fmt.Errorf("figure: %w", err)
	}
	var panels [][]*plot.Plot
	for _, e := range endpoints {
		for _, m := range metrics {
			row := make([]*plot.Plot, len(links))
			for i, l := range links {
				g := find(e, l)
				if g == nil {
					continue
				}
				p, err := a.panel(panelTitle(g, &sum, m), g.Rows, m)
				if err != nil {
					return nil, err
				}
				if s.Swept != nil {
					p.X.Label.Text = s.Swept.Param + ", or baseline"
				}
				a.apply(p, !bytes && e == endpoints[len(endpoints)-1] && m.name == metrics[len(metrics)-1].name)
				row[i] = p
			}
			sameRange(row)
			panels = append(panels, row)
		}
	}
	if bytes {
		row := make([]*plot.Plot, len(links))
		for i, l := range links {
			var rows []*result.Row
			for _, g := range groups {
				if g.Link == l {
					rows = g.Rows
				}
			}
			p, err := a.bytesPanel(rows)
			if err != nil {
				return nil, err
			}
			row[i] = p
		}
		sameRange(row)
		panels = append(panels, row)
	}
	bars := "Bars are the 95 % interval of the median over frames"
	if slices.ContainsFunc(metrics, func(m metric) bool { return m.name == throughput.name }) {
		bars += ", and of throughput's mean"
	}
	return &page{
		title: s.Experiment + ": " + title, legend: a.legend(), panels: panels,
		caption: caption(s, bars+". Dotted lines are the simulated baselines."),
		width:   max(panelWidth*vg.Length(len(links))+60, 620), height: panelHeight*vg.Length(len(panels)) + 230,
	}, nil
}

// panelTitle names the group, and under endpoint time the error of its
// prediction.
func panelTitle(g *result.Group, sum *result.Summary, m metric) string {
	title := fmt.Sprintf("%s (slowed by %g)", g.Name(), g.Rows[0].Slowdown)
	i := slices.IndexFunc(sum.Groups,
		func(s result.GroupSummary) bool { return s.Endpoint == g.Endpoint && s.Link == g.Link })
	f := &sum.Groups[i].Figures
	if m.quantity == "" {
		return title
	}
	e := result.Find(f.Errors, m.quantity, result.Stored)
	if e.Median == nil {
		return title + ", not measured"
	}
	title += fmt.Sprintf("\nerror of the stored prediction (%%): median %.1f, 95th percentile %.1f, worst %.1f",
		100**e.Median, 100**e.P95, 100**e.Max)
	if e.NotSettled > 0 {
		title += fmt.Sprintf("\n%d rows not settled", e.NotSettled)
	}
	return title
}

// sameRange gives all panels of a row one y range: that of the logarithmic ones if there
// are any, which all are then.
func sameRange(row []*plot.Plot) {
	all, logs := newSpan(), newSpan()
	for _, p := range row {
		if p == nil {
			continue
		}
		all.add(p.Y.Min, p.Y.Max)
		if _, log := p.Y.Scale.(logScale); log {
			logs.add(p.Y.Min, p.Y.Max)
		}
	}
	for _, p := range row {
		if p == nil {
			continue
		}
		p.Y.Min, p.Y.Max = all.lo, all.hi
		if !logs.empty() {
			p.Y.Min, p.Y.Max, p.Y.Scale, p.Y.Tick.Marker = logs.lo, logs.hi, logScale{}, logTicks{}
		}
	}
}
