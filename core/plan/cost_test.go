package plan_test

import (
	"slices"
	"testing"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/plan/plantest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// costKey returns the cost key of one actor after a change to the good plan.
func costKey(t *testing.T, actor string, change func(f *planfile.File)) string {
	t.Helper()
	f := plantest.Good(t)
	change(f)
	p := plantest.Compiled(t, f)
	a := p.Graph.Actor(actor)
	require.GreaterOrEqual(t, a, 0, "no cost of actor %s in %q", actor, plantest.Actors(p))
	require.NotEmpty(t, p.Work[a].CostKey, "no cost of actor %s in %q", actor, plantest.Actors(p))
	return p.Work[a].CostKey
}

// renamed names the ports of normalise.
func renamed(in, out string) func(*planfile.File) {
	return func(f *planfile.File) {
		a := &f.Application.Actors[1]
		a.In, a.Out = slices.Clone(a.In), slices.Clone(a.Out)
		a.In[0].Port, a.Out[0].Port = in, out
		f.Application.FIFOs[0].To, f.Application.FIFOs[1].From = "normalise."+in, "normalise."+out
	}
}

// larger makes the pictures larger that the camera gives.
func larger(change func(*planfile.File)) func(*planfile.File) {
	return func(f *planfile.File) {
		change(f)
		f.Application.Actors[0].Out[0].Type = "uint8[16,16,3]"
	}
}

func TestCostKeys(t *testing.T) {
	server := func(change func(u *plan.Unit)) func(f *planfile.File) {
		return func(f *planfile.File) { change(&f.Platform.Devices[1].Units[0]) }
	}
	same := func(*planfile.File) {}
	for _, c := range []struct {
		name, actor, other string
		change             func(f *planfile.File)
		equal              bool
	}{
		{"again", "net[1:3]", "net[1:3]", same, true},
		{"slowdown", "net[1:3]", "net[1:3]", server(func(u *plan.Unit) { u.Slowdown = 9 }), true},
		{"lanes", "net[1:3]", "net[1:3]", server(func(u *plan.Unit) { u.Lanes = 9 }), true},
		{"threads", "net[1:3]", "net[1:3]", server(func(u *plan.Unit) { u.Threads = 9 }), false},
		{"spin", "net[1:3]", "net[1:3]", server(func(u *plan.Unit) { u.Spin = true }), false},
		{"provider", "net[1:3]", "net[1:3]", server(func(u *plan.Unit) { u.Provider = plan.Named("cuda") }), false},
		{"provider's options", "net[1:3]", "net[1:3]", server(func(u *plan.Unit) {
			u.Provider = plan.Provider{Name: "cuda", Options: map[string]string{"device_id": "1"}}
		}), false},
		{"segment", "net[1:3]", "net[0:1]", same, false},
		{"longer segment", "net[1:3]", "net[2:3]",
			func(f *planfile.File) { f.Instances[0].Mapping = plantest.Through("net/relu1") }, false},
		{"feedback", "sink", "sink", func(f *planfile.File) { f.Workload.Kind = plan.Offline }, true},
		// Only what is put in to hold the source back costs nothing, not a port of its name.
		{"port named go", "normalise", "normalise", renamed("go", "done"), true},
		{"size of ports named go and done", "normalise", "normalise", larger(renamed("go", "done")), false},
		{"parameters", "normalise", "normalise", func(f *planfile.File) { f.Application.Actors[1].Params["mean"] = 0.25 },
			false},
		{"kernel", "normalise", "normalise", func(f *planfile.File) { f.Application.Actors[1].Kernel = "other" }, false},
		{"names", "normalise", "normalise", func(f *planfile.File) {
			f.Plan, f.Application.Name, f.Platform.Devices[0].Role = "x", "y", plan.Gateway
		}, true},
		{"direction", "encode(net[0:1].relu0)", "decode(net[0:1].relu0)", server(func(u *plan.Unit) { u.Threads = 1 }),
			false},
		{"codec", "encode(net[0:1].relu0)", "encode(net[0:1].relu0)",
			func(f *planfile.File) { f.Instances[0].Codec = "int8" }, false},
		{"size", "encode(net[0:1].relu0)", "encode(normalise.image)",
			func(f *planfile.File) { f.Instances[0].Mapping = plantest.Through("normalise") }, false},
	} {
		a, b := costKey(t, c.actor, same), costKey(t, c.other, c.change)
		assert.Equal(t, c.equal, (a == b), "%s: keys %q and %q, want equal", c.name, a, b)
	}
}
