package agent

import (
	"slices"
	"sync"

	"github.com/edgeprune/edgeprune/core/energy"
	"github.com/edgeprune/edgeprune/deploy/wire"
)

// Metrics are told what an agent does, where somebody wants to know. Their methods may be called
// from any goroutine, and must not block.
type Metrics interface {
	// Reads is called once, when the agent is about to serve requests, with what reads its status.
	// The Work of that is the sum over all runs; its FIFOs are those of the loaded one.
	Reads(status func() *wire.AgentStatus)
	// Fired is told of every firing that the trace shows, within some tenths of a second.
	Fired(unit, actor string, kernelNs int64)
}

// mostKept is how many units, or links with peers, of earlier runs are told apart: plans can give
// them any names. Those beyond are summed up under the name other.
const (
	mostKept = 256
	other    = "other"
)

// totals are the work of all runs.
type totals struct {
	mu    sync.Mutex
	ended wire.Work // of the runs that are over
	live  *session  // that goes on; nil: none
}

// begin adds a session that goes on.
func (t *totals) begin(s *session) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.live = s
}

// end keeps the work of a session that has closed.
func (t *totals) end(s *session) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.live == s {
		add(&t.ended, s.work())
		t.live = nil
	}
}

// work returns the sum.
func (t *totals) work() *wire.Work {
	t.mu.Lock()
	defer t.mu.Unlock()
	sum := t.ended
	sum.Units, sum.Links = slices.Clone(sum.Units), slices.Clone(sum.Links)
	if t.live != nil {
		now := t.live.work()
		add(&sum, now)
		sum.Role, sum.FIFOs, sum.FIFOsLeftOut, sum.EnergyMissing = now.Role, now.FIFOs, now.FIFOsLeftOut, now.EnergyMissing
	}
	return &sum
}

// add adds the counts of a run to a sum.
func add(sum, of *wire.Work) {
	for _, u := range of.Units {
		to := find(&sum.Units, wire.UnitWork{Name: u.Name, Provider: u.Provider}, wire.UnitWork{Name: other},
			func(a, b *wire.UnitWork) bool { return a.Name == b.Name && a.Provider == b.Provider })
		to.Lanes, to.Firings, to.BusyNs = u.Lanes, to.Firings+u.Firings, to.BusyNs+u.BusyNs
	}
	for _, l := range of.Links {
		to := find(&sum.Links, wire.LinkWork{Name: l.Name, Peer: l.Peer}, wire.LinkWork{Name: other, Peer: other},
			func(a, b *wire.LinkWork) bool { return a.Name == b.Name && a.Peer == b.Peer })
		to.BytesPerSec, to.Shaped = l.BytesPerSec, l.Shaped
		to.SentTokens, to.SentBytes = to.SentTokens+l.SentTokens, to.SentBytes+l.SentBytes
		to.ReceivedTokens, to.ReceivedBytes = to.ReceivedTokens+l.ReceivedTokens, to.ReceivedBytes+l.ReceivedBytes
		to.ResentTokens, to.BusyNs = to.ResentTokens+l.ResentTokens, to.BusyNs+l.BusyNs
	}
	sum.WaitedNs, sum.Fallbacks = sum.WaitedNs+of.WaitedNs, sum.Fallbacks+of.Fallbacks
	sum.Captured, sum.Dropped = sum.Captured+of.Captured, sum.Dropped+of.Dropped
	if of.Energy != nil {
		e := energy.Amount{}
		if sum.Energy != nil {
			e = *sum.Energy
		}
		sum.Energy = &energy.Amount{Joules: e.Joules + of.Energy.Joules, BoundJoules: e.BoundJoules + of.Energy.BoundJoules,
			CoveredNs: e.CoveredNs + of.Energy.CoveredNs, WholeNs: e.WholeNs + of.Energy.WholeNs}
	}
}

// find returns the element of a list that has a key's names, which are added if there is room, else
// that of the rest.
func find[T any](list *[]T, key, rest T, same func(a, b *T) bool) *T {
	at := func(key *T) int { return slices.IndexFunc(*list, func(x T) bool { return same(&x, key) }) }
	i := at(&key)
	if i < 0 && len(*list) >= mostKept {
		key = rest
		i = at(&key)
	}
	if i < 0 {
		*list = append(*list, key)
		i = len(*list) - 1
	}
	return &(*list)[i]
}

// observe tells Metrics of the firings of a batch.
func (s *session) observe(b *wire.Batch) {
	m := s.agent.cfg.Metrics
	if m == nil {
		return
	}
	for i := range b.Records {
		if r := &b.Records[i]; r.Kind == wire.Firing {
			m.Fired(s.node.UnitOf(int(r.Index)), s.plan.Graph.Actors[r.Index].Name, r.Value)
		}
	}
}
