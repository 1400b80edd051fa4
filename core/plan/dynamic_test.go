package plan_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
)

// read returns a plan file of testdata for a test to change.
func read(tb testing.TB, name string) *plan.File {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	f, err := plan.Parse(name, data)
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

// What a configuration actor configures, and the codecs in between, become one
// dynamic part: every member has a control port, and the server's learn their atr
// from a relay.
func TestDynamicPart(t *testing.T) {
	p := compile(t, read(t, "gated.yaml"))
	parts := graph.DPGs(p.Graph)
	if len(parts) != 1 {
		t.Fatalf("%d dynamic parts", len(parts))
	}
	names := func(actors []int) string {
		var s []string
		for _, a := range actors {
			s = append(s, p.Graph.Actors[a].Name)
		}
		slices.Sort(s)
		return strings.Join(s, " ")
	}
	d := parts[0]
	for _, c := range []struct{ got, want string }{
		{names([]int{d.Config}), "motion"}, {names(d.Entries), "gate"}, {names(d.Exits), "merge"}, {names(d.Relays), "relay(motion@server)"},
		{names(d.Inner), "decode(net[0:1].relu0) decode(net[1:3].relu2) encode(net[0:1].relu0) encode(net[1:3].relu2) net[0:1] net[1:3]"},
	} {
		if c.got != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
	var crossing []string
	for f, link := range p.Routes {
		if link >= 0 {
			crossing = append(crossing, p.Graph.FIFOName(f))
		}
	}
	slices.Sort(crossing)
	want := []string{
		"encode(net[0:1].relu0).out->decode(net[0:1].relu0).in", "encode(net[1:3].relu2).out->decode(net[1:3].relu2).in",
		"motion.control5->relay(motion@server).control",
	}
	if !slices.Equal(crossing, want) {
		t.Errorf("crossing %q\nwant %q", crossing, want)
	}
	if d.LRL != 0 || d.URL != 1 {
		t.Errorf("limits %d to %d", d.LRL, d.URL)
	}
	for a, w := range p.Work {
		if name := p.Graph.Actors[a].Name; w.Source != (name == "camera") || w.Sink != (name == "sink") {
			t.Errorf("%s: source %v, sink %v", name, w.Source, w.Sink)
		}
	}
}

// One member on the server needs no relay.
func TestOneMemberAfar(t *testing.T) {
	f := read(t, "gated.yaml")
	f.Instances[0].Codec = ""
	p := compile(t, f)
	if !slices.Contains(fifos(p), "motion.control3->net[1:3].control") || strings.Contains(strings.Join(actors(p), " "), "relay") {
		t.Errorf("FIFOs %q of %q", fifos(p), actors(p))
	}
}
