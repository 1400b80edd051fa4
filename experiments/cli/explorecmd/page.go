package explorecmd

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/edgeprune/edgeprune/experiments/internal/explore/answer"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/goal"
	"github.com/edgeprune/edgeprune/experiments/internal/figure"
	"github.com/edgeprune/edgeprune/experiments/internal/report"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// page makes the report, and draws its figures; it returns their paths.
func (x *exploration) page() (*report.Page, []string, error) {
	p := &report.Page{Title: "explore " + x.src.name, Kicker: x.kicker()}
	var files []string
	for i, m := range x.made {
		a := &x.run.Answers[i]
		text := a.Text
		if a.Name != "" {
			text = a.Name + ": " + text
		}
		p.Lead = append(p.Lead, text)
		if a.Confirmed != nil {
			p.Lead = append(p.Lead, "Measured: "+a.Confirmed.Text+".")
		}
		p.Facts = append(p.Facts, x.facts(a)...)
		for _, text := range assumptions(m) {
			p.Notes = append(p.Notes, report.Note{Kind: "assumed", Text: text})
		}
		for _, text := range m.left {
			p.Notes = append(p.Notes, report.Note{Kind: "left out", Text: text})
		}
		for _, text := range m.extra.notes {
			p.Notes = append(p.Notes, report.Note{Kind: "leakage", Text: text})
		}
		figures, drawn, err := x.figures(m, a)
		if err != nil {
			return nil, nil, err
		}
		p.Figures, files = append(p.Figures, figures...), append(files, drawn...)
		p.Tables = append(p.Tables, x.table(a))
		if a.Confirmed != nil {
			p.Tables = append(p.Tables, x.measuredTable(a))
		}
	}
	p.Method = x.method()
	return p, files, nil
}

// kicker says what of the results is what.
func (x *exploration) kicker() string {
	text, real := "Simulated from a profile of this machine", false
	if x.testbed != nil {
		text, real = "Simulated from a profile of the devices of a testbed", true
	}
	for _, m := range x.made {
		if m.answer.Confirmed != nil {
			text += ", and measured"
			if real {
				text += " on them: real"
			}
			break
		}
	}
	for _, m := range x.made {
		if m.answer.Emulated {
			return text + "; devices are slowed and links shaped: emulated"
		}
	}
	return text
}

// facts are what one looks for first.
func (x *exploration) facts(a *answer.Answer) []report.Fact {
	best := a.Best()
	if best == nil {
		return nil
	}
	of := ""
	if a.Name != "" {
		of = a.Name + ": "
	}
	all := []report.Fact{{Name: of + "best", Value: best.Name}}
	for _, m := range x.goal.Metrics() {
		if v, known := best.Values[m]; known {
			all = append(all, report.Fact{Name: of + m.String() + ", predicted", Value: m.Text(v)})
		}
	}
	return all
}

// axes are the metrics that the front is drawn over.
func axes(g *goal.Goal) (across, up goal.Metric) {
	all := g.Metrics()
	for _, name := range []goal.Name{goal.Latency, goal.EndpointTime} {
		if !g.Needs(name) {
			all = append(all, goal.Metric{Name: name})
		}
	}
	return all[0], all[1]
}

// scaled is a metric as an axis.
func scaled(m goal.Metric) figure.Scaled {
	units := map[string]figure.Scaled{
		"s": {Unit: "ms", By: 1e3}, "B": {Unit: "kB", By: 1e-3}, "J": {Unit: "mJ", By: 1e3},
		"frames/s": {Unit: "frames/s", By: 1}, "": {By: 1},
	}
	s := units[m.Unit()]
	s.Name = strings.ReplaceAll(m.String(), "_", " ")
	return s
}

// figures draws the front of a platform, and where a frame's time goes.
func (x *exploration) figures(m *mapped, a *answer.Answer) ([]report.Figure, []string, error) {
	note := fmt.Sprintf("Simulated from a profile. Machine: %s. Date: %s. Seed: "+
		"%d.", x.run.Machine, x.run.Date, x.run.Seed)
	if a.Emulated {
		note = "Emulated: slowed devices or shaped links. " + note
	}
	name := x.src.name
	suffix := ""
	if a.Name != "" {
		name, suffix = name+", "+a.Name, "-"+result.FileName(a.Name)
	}
	across, up := axes(x.goal)
	front := &figure.Front{
		Title: fmt.Sprintf("%s: %s and %s of the candidates", name, scaled(across).Name, scaled(up).Name),
		X:     scaled(across), Y: scaled(up), Caption: note,
	}
	for _, l := range x.goal.Limits {
		if l.Metric == across {
			front.LimitX = &l.Bound
		} else if l.Metric == up {
			front.LimitY = &l.Bound
		}
	}
	stacks := &figure.Stacks{
		Title: name + ": where a frame's time goes", Axis: scaled(goal.Metric{Name: goal.Latency}),
		Caption: "One frame at a time. Parts that run side by side add up to more than the latency, and what waits to " +
			"less. " + note,
	}
	for i := range a.Candidates {
		c := &a.Candidates[i]
		vx, okX := c.Values[across]
		vy, okY := c.Values[up]
		if okX && okY {
			front.Points = append(front.Points, figure.FrontPoint{Name: c.Name, X: vx, Y: vy, Front: c.Front,
				Chosen: c.Name == a.Chosen, Baseline: c.Baseline != "", Broken: len(c.Broken) > 0})
		}
	}
	rows, _ := a.Listed(most)
	for _, c := range rows {
		column := figure.Stack{Name: c.Name, Whole: c.Values[goal.Metric{Name: goal.Latency}]}
		stacks.Parts = nil
		for _, part := range c.Parts {
			stacks.Parts, column.Parts = append(stacks.Parts, part.Name), append(column.Parts, part.Seconds)
		}
		stacks.Columns = append(stacks.Columns, column)
	}
	var figures []report.Figure
	var files []string
	for _, d := range []struct {
		name, title string
		write       func(base string) ([]string, error)
	}{
		{"front" + suffix, front.Title, func(base string) ([]string, error) { return figure.WriteFront(base, front) }},
		{"parts" + suffix, stacks.Title, func(base string) ([]string, error) { return figure.WriteStacks(base, stacks) }},
	} {
		paths, err := d.write(filepath.Join(x.out, "figures", d.name))
		if errors.Is(err, figure.ErrNothing) {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		svg, err := os.ReadFile(paths[1])
		if err != nil {
			return nil, nil, err
		}
		files = append(files, paths...)
		figures = append(figures, report.Figure{Name: d.title, File: "figures/" + filepath.Base(paths[1]), SVG: svg})
	}
	return figures, files, nil
}

// table is that of all candidates.
func (x *exploration) table(a *answer.Answer) report.Table {
	t := report.Table{Name: strings.TrimSpace("candidates " + a.Name), About: "All mappings that were simulated; " +
		"chosen and " +
		"front are by the objectives, among those that keep the limits."}
	t.Columns = []report.Column{{Name: "mapping"}, {Name: "codec"}, {Name: "is"}}
	shown := answer.Shown(x.goal)
	for _, m := range shown {
		s := scaled(m)
		t.Columns = append(t.Columns, report.Column{Name: s.Name, Unit: s.Unit, Numeric: true})
	}
	for i := range a.Candidates {
		c := &a.Candidates[i]
		row := report.Row{Cells: []report.Cell{{Text: c.Name}, {Text: c.Codec}, {Text: a.Mark(c)}}}
		for _, m := range shown {
			row.Cells = append(row.Cells, cell(m, c.Values))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// cell is the value of a metric.
func cell(m goal.Metric, v goal.Values) report.Cell {
	value, known := v[m]
	if !known {
		return report.Cell{Text: "-"}
	}
	value *= scaled(m).By
	return report.Number(fmt.Sprintf("%.4g", value), value)
}

// measuredTable puts what was predicted beside what was measured.
func (x *exploration) measuredTable(a *answer.Answer) report.Table {
	t := report.Table{Name: strings.TrimSpace("measured " + a.Name), About: fmt.Sprintf("Medians over the rounds "+
		"with their "+
		"95 %% interval, of %d rounds at most. The error is that of the prediction.", a.Confirmed.Rounds)}
	t.Columns = []report.Column{{Name: "mapping"}, {Name: "metric"}, {Name: "predicted", Numeric: true},
		{Name: "measured", Numeric: true}, {Name: "error", Unit: "%", Numeric: true}, {Name: "rounds", Numeric: true}}
	for _, m := range a.Confirmed.Mappings {
		for _, v := range m.Measured {
			row := report.Row{Measured: true, Cells: []report.Cell{{Text: m.Name}, {Text: v.Metric.String()}, {Text: "-"},
				report.Number(answer.Between(v), v.Value.Value), {Text: "-"},
				report.Number(fmt.Sprint(m.Rounds), float64(m.Rounds))}}
			if p, known := m.Predicted[v.Metric]; known {
				row.Cells[2] = report.Number(v.Metric.Text(p), p)
			}
			if v.Error != nil {
				row.Cells[4] = report.Number(fmt.Sprintf("%+.1f", 100**v.Error), 100**v.Error)
			}
			t.Rows = append(t.Rows, row)
		}
	}
	return t
}

// method says how the results came about.
func (x *exploration) method() []report.Section {
	search := []string{"Goal: " + x.goal.String() + ".",
		"Candidates are found by an analytic model, in which one frame crosses the graph, and decided by simulation."}
	for i := range x.run.Answers {
		a := &x.run.Answers[i]
		lines := a.Sure()
		if a.Name != "" {
			lines[0] = a.Name + ": " + lines[0]
		}
		search = append(search, lines...)
	}
	machine := []string{x.run.Machine, fmt.Sprintf("Date: %s. Seed: %d. Program: %s.", x.run.Date, x.run.Seed,
		x.rec.Inputs.Program), "Command: " + strings.Join(x.rec.Command, " ")}
	return []report.Section{{Title: "How it was searched", Lines: search}, {Title: "Machine and program", Lines: machine}}
}
