package figure

import (
	"fmt"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/edgeprune/edgeprune/experiments/internal/timeline"
)

// ganttColors are the fills of actors, the first ones plain and more of them hatched. Of more than
// twice as many, some look alike.
var ganttColors = []look{{color: sky}, {color: orange}, {color: green}, {color: yellow}, {color: purple},
	{color: vermillion}, {color: blue}}

// ganttLook is that of an actor by its index.
func ganttLook(actor int) look {
	if actor < 0 {
		return look{color: paleGrey}
	}
	l := ganttColors[actor%len(ganttColors)]
	if actor >= len(ganttColors) {
		l.dashes = []vg.Length{2, 2}
	}
	return l
}

// Gantt draws a timeline to base.png and base.svg, and returns their paths: a lane per unit
// and direction of a link, a block per firing or send in its actor's colour, with the number
// of its frame. note goes before the caption.
func Gantt(base string, v *timeline.View, note string) ([]string, error) {
	return ganttPage(v, note).write(base)
}

const ms = 1e6 // in ns

func ganttPage(v *timeline.View, note string) *page {
	p := newPanel("", "time since the run's start (ms)", "")
	var ticks plot.ConstantTicks
	longest, rows := vg.Length(0), 0
	for _, lane := range v.Lanes {
		rows += lane.Rows
	}
	top := float64(rows) - 1
	several, others := len(v.Instances) > 1, false
	for _, lane := range v.Lanes {
		height := float64(lane.Rows)
		ticks = append(ticks, plot.Tick{Value: top - (height-1)/2, Label: lane.Name})
		longest = max(longest, style(tickSize).Width(lane.Name))
		for _, b := range lane.Blocks {
			text := fmt.Sprint(b.Frame)
			switch {
			case b.Instance < 0:
				text, others = "", true
			case several:
				text = letter(b.Instance) + text
			}
			p.Add(block{
				from: float64(max(b.Start, v.From)) / ms, to: float64(min(b.End, v.To)) / ms, row: top - float64(b.Row),
				look: ganttLook(b.Actor), text: text, told: ganttTold(v, &lane, &b),
			})
		}
		top -= height
	}
	p.Y.Tick.Marker, p.Y.Min, p.Y.Max = ticks, -0.6, float64(rows)-0.4
	p.X.Min, p.X.Max = float64(v.From)/ms, float64(v.To)/ms
	out := &page{
		title: ganttTitle(v), panels: [][]*plot.Plot{{p}}, caption: ganttCaption(v, note), width: max(960, longest+700),
		height: 190 + 24*vg.Length(rows),
	}
	for i, name := range v.Actors {
		l := ganttLook(i)
		out.legend = append(out.legend, entry{name: name, fill: &l})
	}
	if others {
		l := ganttLook(-1)
		out.legend = append(out.legend, entry{name: "instances that are not shown", fill: &l})
	}
	return out
}

// ganttTold says what a block is.
func ganttTold(v *timeline.View, lane *timeline.Lane, b *timeline.Block) []string {
	what := "an instance that is not shown"
	if b.Instance >= 0 {
		what = strings.TrimSpace(fmt.Sprintf("%s, frame %d %s", v.Actors[b.Actor], b.Frame, v.Instances[b.Instance]))
		if b.Send {
			what = "sends of " + what
		}
	}
	return []string{lane.Name, what, fmt.Sprintf("%.3f to %.3f ms: %.3f ms", float64(b.Start)/ms, float64(b.End)/ms,
		float64(b.End-b.Start)/ms)}
}

func ganttTitle(v *timeline.View) string {
	title := fmt.Sprintf("%s, %s: timeline", v.Plan, v.Driver)
	switch n := len(v.Instances); {
	case n < v.Of:
		title += fmt.Sprintf(" of the first %d of %d instances", n, v.Of)
	case n > 1:
		title += fmt.Sprintf(" of all %d instances", n)
	}
	return title
}

// ganttCaption says what the window is and how the blocks are named.
func ganttCaption(v *timeline.View, note string) string {
	note += " The shortest time in the middle of the run with two whole frames of each instance."
	if v.Off > 0 {
		note += fmt.Sprintf(" The devices have clocks of their own: their blocks lie right to ± %.3g ms.",
			float64(v.Off)/ms)
	}
	if v.Emulated {
		note += " Emulated."
	}
	note += " A block has the colour of the actor that fires, or whose token is sent, and the number of the frame"
	if len(v.Instances) == 1 {
		return note + "."
	}
	var all []string
	for i, name := range v.Instances {
		all = append(all, letter(i)+" "+name)
	}
	return note + " behind the letter of the instance: " + strings.Join(all, ", ") + "."
}

// block is a firing or a send on its row.
type block struct {
	from, to, row float64
	look          look
	text          string
	told          []string
}

// Plot implements plot.Plotter.
func (b block) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	r := vg.Rectangle{Min: vg.Point{X: x(b.from), Y: y(b.row - 0.35)}, Max: vg.Point{X: x(b.to), Y: y(b.row + 0.35)}}
	drawBar(&c, r, b.look)
	tell(c, r, b.told...)
	if r.Size().X > 4 { // so that one can be told from the next
		c.SetLineStyle(draw.LineStyle{Color: white, Width: 1})
		c.Stroke(r.Path())
	}
	s := style(tickSize)
	s.Color, s.XAlign, s.YAlign = onBright, draw.XCenter, draw.YCenter
	if s.Width(b.text)+2 < r.Size().X {
		c.FillText(s, vg.Point{X: (r.Min.X + r.Max.X) / 2, Y: y(b.row)}, b.text)
	}
}
