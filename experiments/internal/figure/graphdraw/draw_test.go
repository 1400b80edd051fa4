package graphdraw_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/edgeprune/edgeprune/core/golden"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/graph/graphtest"
	"github.com/edgeprune/edgeprune/experiments/internal/figure/graphdraw"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// small has all kinds, a dynamic part over two devices, a feedback FIFO and one
// from an actor to itself.
func small() graphdraw.Drawing {
	g := &graph.Graph{Name: `small <&"`}
	for _, a := range []struct {
		name string
		kind graph.Kind
	}{{"source", ""}, {"config", graph.Configuration}, {"entry", graph.Dynamic}, {"inner", graph.DynamicProcessing},
		{"exit", graph.Dynamic}, {"sink", graph.StaticProcessing}} {
		g.Actors = append(g.Actors, graph.Actor{Name: a.name, Kind: a.kind, Kernel: "pass"})
	}
	join := func(from, to, lrl, url, delay, capacity int) {
		out, in := &g.Actors[from].Out, &g.Actors[to].In
		p := graph.Port{LRL: lrl, URL: url, Type: graphtest.Type}
		p.Name = fmt.Sprint("o", len(*out))
		*out = append(*out, p)
		p.Name = fmt.Sprint("i", len(*in))
		*in = append(*in, p)
		g.FIFOs = append(g.FIFOs, graph.FIFO{
			From: from, OutPort: len(*out) - 1, To: to, InPort: len(*in) - 1, Delay: delay, Capacity: capacity,
		})
	}
	join(0, 1, 1, 1, 0, 3)
	join(0, 2, 1, 1, 0, 3)
	join(2, 3, 0, 2, 0, 6)
	join(3, 4, 0, 2, 0, 6)
	join(2, 4, 1, 1, 0, 3)
	join(2, 4, 1, 1, 0, 3)
	join(4, 5, 1, 1, 0, 3)
	join(4, 4, 1, 1, 2, 3)
	join(5, 0, 1, 1, 7, 8)
	for _, member := range []int{2, 3, 4} {
		g.AddControl(1, member, 3, graph.Pos{})
	}
	return graphdraw.Drawing{
		Graph: g, Devices: []string{"box", "server"}, Where: []int{0, 0, 0, 1, 0, 0},
		Units: []string{"cpu", "cpu", "cpu", "gpu", "cpu", "cpu"},
	}
}

func TestGolden(t *testing.T) {
	err := graph.Validate(small().Graph)
	if err != nil {
		require.Contains(t, err.Error(), "bound")
	}
	for name, draw := range map[string]func(io.Writer, graphdraw.Drawing) error{
		"small.svg": graphdraw.SVG, "small.dot": graphdraw.DOT,
	} {
		var b bytes.Buffer
		require.NoError(t, draw(&b, small()))
		golden.Check(t, filepath.Join("testdata", name), b.Bytes())
	}
}

// rect is where a text stands, by a guess of its width.
type rect struct {
	text                     string
	left, top, right, bottom float64
}

// texts returns the texts of a drawing that stand in its body, and fails if it
// isn't well-formed.
func texts(t *rapid.T, svg []byte) []rect {
	var all []rect
	body, depth := false, 0
	for d := xml.NewDecoder(bytes.NewReader(svg)); ; {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			require.Equal(t, 0, depth, "%d elements are left open", depth)
			return all
		}
		require.NoError(t, err)
		switch e := tok.(type) {
		case xml.EndElement:
			depth--
		case xml.StartElement:
			depth++
			attr := map[string]string{}
			for _, a := range e.Attr {
				attr[a.Name.Local] = a.Value
			}
			body = body || attr["class"] == "graph"
			if e.Name.Local != "text" || !body {
				continue
			}
			next, err := d.Token()
			require.NoError(t, err)
			size := 12.0
			if s, err := strconv.ParseFloat(attr["font-size"], 64); err == nil {
				size = s
			}
			x, _ := strconv.ParseFloat(attr["x"], 64)
			y, _ := strconv.ParseFloat(attr["y"], 64)
			s := string(next.(xml.CharData))
			w := 0.55 * size * float64(len([]rune(s)))
			if attr["text-anchor"] == "middle" {
				x -= w / 2
			}
			all = append(all, rect{s, x, y - 0.7*size, x + w, y})
		}
	}
}

// No text of a drawing lies on another, whatever the graph.
func TestTextsDontOverlap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := graphtest.Random(t)
		d := graphdraw.Drawing{Graph: g}
		if rapid.Bool().Draw(t, "mapped") {
			d.Devices = []string{"endpoint", "server", "gateway"}
			for range g.Actors {
				d.Where = append(d.Where, rapid.IntRange(0, 2).Draw(t, "device"))
				d.Units = append(d.Units, "cpu")
			}
		}
		var b, again bytes.Buffer
		require.NoError(t, errors.Join(graphdraw.SVG(&b, d), graphdraw.SVG(&again, d)))
		assert.Equal(t, again.Bytes(), b.Bytes(), "the same graph gave another drawing")
		all := texts(t, b.Bytes())
		require.GreaterOrEqual(t, len(all), len(g.Actors), "%d texts for %d actors", len(all), len(g.Actors))
		for i, r := range all {
			for _, q := range all[:i] {
				if r.left < q.right && q.left < r.right && r.top < q.bottom {
					assert.GreaterOrEqual(t, q.top, r.bottom, "%+v lies on", r)
				}
			}
		}
	})
}

func TestDrawsDeadlocks(t *testing.T) {
	d := small()
	d.Graph.FIFOs[8].Delay = 0
	var b bytes.Buffer
	err := graphdraw.SVG(&b, d)
	require.NoError(t, err)
	assert.Contains(t, b.String(), ">sink<")
}
