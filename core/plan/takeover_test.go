package plan_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/plantest"
	"github.com/edgeprune/edgeprune/core/slice"
)

func TestFallback(t *testing.T) {
	p := plantest.Compiled(t, plantest.WithFallback(t))
	if want := []plan.Takeover{{Device: 0, Unit: 0, Peer: 1, After: 2 * time.Second}}; !slices.Equal(p.Fallbacks, want) {
		t.Errorf("got %+v", p.Fallbacks)
	}
	parts := p.Slices()
	got := parts[0].Alone
	if got == nil || parts[1].Alone != nil {
		t.Fatalf("alone %v and %v", got, parts[1].Alone)
	}
	if got.Peer != "server" || got.AfterNs != 2e9 {
		t.Errorf("got %+v", *got)
	}
	var actors, local []int
	for _, a := range parts[1].Actors {
		actors = append(actors, a.Actor)
	}
	for _, q := range parts[1].FIFOs {
		if q.Role == slice.Local {
			local = append(local, q.FIFO)
		}
	}
	var taken []int
	for _, a := range got.Actors {
		taken = append(taken, a.Actor)
		if a.Unit != 0 || a.Durable || a.Limit != 0 {
			t.Errorf("taken over: %+v", a)
		}
	}
	if !slices.Equal(taken, actors) || !slices.Equal(got.FIFOs, local) {
		t.Errorf("takes over actors %v and FIFOs %v; the server has %v and %v", taken, got.FIFOs, actors, local)
	}
	for a := range p.Work {
		own, other := p.UnitOn(p.Work[a].Device, a), p.UnitOn(1-p.Work[a].Device, a)
		if own != p.UnitOf(a) {
			t.Errorf("actor %d runs on %+v", a, own)
		}
		if takes := slices.Contains(taken, a); takes && other != &p.Platform.Devices[0].Units[0] || !takes && other != nil {
			t.Errorf("actor %d runs on the other device on %+v", a, other)
		}
	}
	data, err := json.Marshal(p)
	var q plan.Plan
	if err == nil {
		err = json.Unmarshal(data, &q)
	}
	if err != nil || !reflect.DeepEqual(q.Slices()[0].Alone, got) {
		t.Errorf("through JSON: %v, %v", q.Fallbacks, err)
	}
	on := p.Alone()
	for _, a := range actors {
		if on.Work[a].Device != 0 || on.Work[a].CostKey != p.CostKey(a, &p.Platform.Devices[0].Units[0]) || p.Work[a].Device != 1 {
			t.Errorf("alone: %+v", on.Work[a])
		}
	}
	if slices.Max(on.Routes) >= 0 || slices.Max(p.Routes) < 0 {
		t.Errorf("alone: routes %v", on.Routes)
	}
	if key := p.CostKey(p.Graph.Actor("net[1:3]"), &p.Platform.Devices[0].Units[0]); !strings.HasSuffix(key, "cpu t1") || key == p.Work[p.Graph.Actor("net[1:3]")].CostKey {
		t.Errorf("cost %s", key)
	}
}
