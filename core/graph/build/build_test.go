package build_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/graph/build"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// gated is testdata/good/gated.yaml in Go.
func gated() *build.Builder {
	const picture = "uint8[96,96,3]"
	b := build.New("gated")
	b.Actor("camera", "camera").Out("look", picture).Out("frame", picture)
	b.Actor("motion", "motion").Kind(graph.Configuration).Params(map[string]any{"threshold": 0.5}).In("frame", "")
	b.Actor("gate", "gate").Kind(graph.Dynamic).In("frame", "").Out("frame", picture, 0, 1)
	b.Actor("detect", "detect").Kind(graph.DynamicProcessing).In("frame", "", 0, 1).Out("boxes", "float32[10,4]", 0, 1)
	b.Actor("track", "track").Kind(graph.Dynamic).Stateful().In("boxes", "", 0, 1).Out("tracks", "bytes[4096]")
	b.Actor("sink", "sink").In("tracks", "")
	b.Connect("camera.look", "motion.frame")
	b.Connect("camera.frame", "gate.frame").Capacity(8)
	b.Connect("gate.frame", "detect.frame")
	b.Connect("detect.boxes", "track.boxes")
	b.Connect("track.tracks", "sink.tracks").Delay(1)
	b.Configure("motion", "gate", "detect", "track")
	return b
}

func ratesGraph() *build.Builder {
	b := build.New("rates")
	b.Actor("source", "read").Out("o", "int32[2]", 4)
	b.Actor("filter", "filter").Stateful().In("i", "", 4).In("gain", "").In("last", "").Out("o", "float32[8]", 2).Out(
		"last", "float32[1]",
	)
	b.Actor("control.loop", "loop").In("i.0", "", 2).Out("gain", "float16[1]").Out("o", "uint8[1]")
	b.Actor("sink", "sink").In("i", "")
	b.Connect("source.o", "filter.i")
	b.Connect("filter.o", "control.loop.i.0").Delay(2).Capacity(5)
	b.Connect("control.loop.gain", "filter.gain").Delay(1)
	b.Connect("filter.last", "filter.last").Delay(1).Capacity(2)
	b.Connect("control.loop.o", "sink.i")
	return b
}

// read returns the graph of an application file.
func read(t *testing.T, path string) (*graph.Graph, error) {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	f, err := planfile.Parse(filepath.Base(path), data)
	if err != nil {
		return nil, err
	}
	return compile.Graph(f, nil)
}

// The builder and the YAML give the same graph, but for the places in the file.
func TestBuilderAndFileGiveTheSameGraph(t *testing.T) {
	for name, b := range map[string]*build.Builder{"gated": gated(), "rates": ratesGraph()} {
		built, err := b.Build()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		g, err := read(t, filepath.Join("..", "testdata", "good", name+".yaml"))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for i := range g.Actors {
			g.Actors[i].Pos = graph.Pos{}
		}
		for i := range g.FIFOs {
			g.FIFOs[i].Pos = graph.Pos{}
		}
		assert.Equal(t, g, built, "%s: built\n%+v\nread\n%+v", name, *built, *g)
	}
}

func TestBuilderErrors(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(b *build.Builder)
		rule  error
		words string
	}{
		{"type", func(b *build.Builder) { b.Actor("x", "x").Out("o", "float") }, graph.ErrTokenType,
			`port x.o: not a token type: "float"`},
		{"no type", func(b *build.Builder) { b.Actor("x", "x").Out("o", "") }, graph.ErrTokenType, "output port x.o"},
		{"rate", func(b *build.Builder) { b.Actor("x", "x").In("i", "", 1, 2, 3) }, graph.ErrRate, "port x.i: rate limits"},
		{"no such actor", func(b *build.Builder) { b.Connect("x.o", "sink.i") }, graph.ErrName,
			"FIFO x.o->sink.i: expected actor.port"},
		{"no such output", func(b *build.Builder) { b.Connect("track.x", "sink.tracks") }, graph.ErrName,
			`actor track has no output port "x"`},
		{"no such input", func(b *build.Builder) { b.Connect("track.tracks", "sink.x") }, graph.ErrName,
			`actor sink no input port "x"`},
		{"no such configuration actor", func(b *build.Builder) { b.Configure("x", "gate") }, graph.ErrName,
			`there is no actor "x"`},
		{"no such member", func(b *build.Builder) { b.Configure("motion", "x") }, graph.ErrName, `there is no actor "x"`},
		{"invalid", func(b *build.Builder) { b.Configure("motion", "sink") }, graph.ErrControl,
			"actor sink of kind processing has control ports"},
	} {
		b := gated()
		c.spoil(b)
		g, err := b.Build()
		assert.Nil(t, g, "%s: got %v, %v; want %q and the rule", c.name, g, err, c.words)
		require.ErrorIs(t, err, c.rule, "%s: got %v, %v; want %q and the rule", c.name, g, err, c.words)
		assert.Contains(t, err.Error(), c.words, "%s: got %v, %v; want %q and the rule", c.name, g, err, c.words)
	}
	b := gated()
	b.Connect("x.o", "sink.i")
	b.Configure("y", "gate")
	_, err := b.Build()
	assert.Equal(t, 1, strings.Count(err.Error(), "\n"), "want two errors")
}

// A name that a port has already is left alone.
func TestAddControlKeepsNamesApart(t *testing.T) {
	b := build.New("")
	b.Actor("c", "k").Kind(graph.Configuration).Out("control1", "uint8[1]")
	b.Actor("a", "k").In("control", "uint8[1]").In("control0", "uint8[1]")
	b.Connect("c.control1", "a.control")
	b.Configure("c", "a", "a")
	_, err := b.Build() // a isn't of a kind that is configured
	for _, want := range []string{"control1, control2", "input port a.control0: joined to 0"} {
		require.Error(t, err)
		assert.Contains(t, err.Error(), want)
	}
}

// A graph in Go: a detector that runs only on frames in which something moves.
func ExampleBuilder() {
	b := build.New("gated")
	b.Actor("camera", "camera").Out("look", "uint8[96,96,3]").Out("frame", "uint8[96,96,3]")
	b.Actor("motion", "motion").Kind(graph.Configuration).In("frame", "")
	b.Actor("gate", "gate").Kind(graph.Dynamic).In("frame", "").Out("moving", "uint8[96,96,3]", 0, 1)
	b.Actor("detect", "detect").Kind(graph.DynamicProcessing).In("frame", "", 0, 1).Out("boxes", "float32[10,4]", 0, 1)
	b.Actor("track", "track").Kind(graph.Dynamic).Stateful().In("boxes", "", 0, 1).Out("tracks", "bytes[4096]")
	b.Actor("sink", "sink").In("tracks", "")
	b.Connect("camera.look", "motion.frame")
	b.Connect("camera.frame", "gate.frame")
	b.Connect("gate.moving", "detect.frame")
	b.Connect("detect.boxes", "track.boxes")
	b.Connect("track.tracks", "sink.tracks")
	b.Configure("motion", "gate", "detect", "track")
	g, err := b.Build()
	if err != nil {
		fmt.Println(err)
		return
	}
	for f := range g.FIFOs {
		lrl, url := g.Rate(f)
		fmt.Printf("%s: %s, rate %d to %d\n", g.FIFOName(f), g.Type(f), lrl, url)
	}
	// Output:
	// camera.look->motion.frame: uint8[96,96,3], rate 1 to 1
	// camera.frame->gate.frame: uint8[96,96,3], rate 1 to 1
	// gate.moving->detect.frame: uint8[96,96,3], rate 0 to 1
	// detect.boxes->track.boxes: float32[10,4], rate 0 to 1
	// track.tracks->sink.tracks: bytes[4096], rate 1 to 1
	// motion.control0->gate.control: int32[1], rate 1 to 1
	// motion.control1->detect.control: int32[1], rate 1 to 1
	// motion.control2->track.control: int32[1], rate 1 to 1
}
