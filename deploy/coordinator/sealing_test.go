package coordinator

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/deploy/wire"
)

// A device has the keys of those with which it exchanges sealed tokens, and of no others.
func TestKeysGoToPeersOverSealedLinks(t *testing.T) {
	b := enginetest.NewBuilder("p", 1, 1, 1, 1)
	b.Chain(1, 2, 0, 1, 2)
	p := b.Plan()
	for i := range p.Platform.Links {
		l := &p.Platform.Links[i]
		l.Seal = l.Between[0] == "d0" && l.Between[1] == "d1" || l.Between[0] == "d1" && l.Between[1] == "d0"
	}
	r := &run{plan: p, slices: p.Slices()}
	r.newAgents()
	require.Len(t, r.agents, 3)
	for d, a := range r.agents {
		require.NoError(t, r.noteKey(a, &wire.Reply{Seal: "key of " + r.name(d)}))
	}
	assert.Equal(t, map[string]string{"d1": "key of d1"}, r.peerKeys(p.Platform.Device("d0")))
	assert.Equal(t, map[string]string{"d0": "key of d0"}, r.peerKeys(p.Platform.Device("d1")))
	assert.Empty(t, r.peerKeys(p.Platform.Device("d2")))

	d0 := r.agents[p.Platform.Device("d0")]
	err := r.noteKey(d0, &wire.Reply{})
	require.ErrorIs(t, err, ErrAgent)
	require.ErrorContains(t, err, "device d0 has told no key to seal tokens with: its version can't; update it, or take "+
		"seal from the links of the plan")
	err = r.noteKey(d0, &wire.Reply{Seal: "another"})
	require.ErrorIs(t, err, ErrAgent)
	require.ErrorContains(t, err,
		"device d0 came back with another key to seal tokens with: the folder of its state is gone")
	require.NoError(t, r.noteKey(r.agents[p.Platform.Device("d2")], &wire.Reply{}), "it needs none")
}
