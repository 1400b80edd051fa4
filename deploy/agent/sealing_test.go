package agent

import (
	"testing"

	"github.com/edgeprune/edgeprune/deploy/seal"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sealedReceiver is a receiver over a sealed link, and what its peer seals with.
func sealedReceiver(t *testing.T) (*inbox, *seal.Box) {
	t.Helper()
	in, _ := receiver(t, "uint8")
	in.s.plan.Platform.Links[0].Seal = true
	peer, err := seal.NewKey()
	require.NoError(t, err)
	require.NoError(t, in.s.makeBoxes(map[string]string{"d0": peer.Public()}))
	own, err := in.s.agent.sealKey()
	require.NoError(t, err)
	box, err := peer.With(own.Public())
	require.NoError(t, err)
	return in.s.newInbox(in.s.node.Slice().FIFOs[0]), box
}

// sealedChunk is a part of token seq as the peer sends it.
func sealedChunk(t *testing.T, by *seal.Box, seq, offset, total uint64, payload string) *nats.Msg {
	t.Helper()
	plain := chunk(seq, offset, total, payload).Data
	h, _, err := wire.Decode(plain, int64(total))
	require.NoError(t, err)
	h.Kind = wire.Sealed
	h.Encode(plain)
	msg, err := by.Seal(nil, plain)
	require.NoError(t, err)
	return &nats.Msg{Data: msg}
}

func TestInboxOpensSealedTokens(t *testing.T) {
	in, box := sealedReceiver(t)
	changed := sealedChunk(t, box, 0, 0, 6, "abcd")
	changed.Data[len(changed.Data)-1] ^= 1
	in.data(changed)
	assert.Zero(t, in.s.heardPeer[0].Load(), "what is not the peer's is no sign of its life")
	in.data(chunk(0, 0, 6, "plain!")) // not sealed at all
	in.data(sealedChunk(t, box, 0, 0, 6, "abcd"))
	in.data(sealedChunk(t, box, 0, 4, 6, "ef"))
	require.NoError(t, in.node.Err())
	assert.Equal(t, []byte("abcdef"), in.node.Slot(0, 0).Data)
	assert.Equal(t, map[string]uint64{"data" + wire.Unopened: 1, "data" + wire.Malformed: 1}, in.s.agent.dropped())
}

// Where a link is not sealed, sealed tokens are not taken.
func TestInboxRefusesSealedTokensOfPlainLinks(t *testing.T) {
	in, _ := receiver(t, "uint8")
	_, box := sealedReceiver(t)
	in.data(sealedChunk(t, box, 0, 0, 6, "abcdef"))
	require.NoError(t, in.node.Err())
	assert.Equal(t, map[string]uint64{"data" + wire.Malformed: 1}, in.s.agent.dropped())
}

func TestSealedLinksNeedTheKeysOfPeers(t *testing.T) {
	in, _ := receiver(t, "uint8")
	in.s.plan.Platform.Links[0].Seal = true
	name := in.s.plan.Platform.Links[0].Name
	err := in.s.makeBoxes(map[string]string{"d7": "X"})
	require.ErrorIs(t, err, ErrConfig)
	require.EqualError(t, err, "agent: bad configuration: link "+name+
		" is sealed, but the coordinator has sent no key of device d0")
	err = in.s.makeBoxes(map[string]string{"d0": "X"})
	require.ErrorIs(t, err, seal.ErrKey)
	require.EqualError(t, err, `device d0: bad key to seal tokens with: "X" is no public curve key`)
}

// An agent that is started again has its key again, if it keeps a state.
func TestSealKeyOutlivesTheProcess(t *testing.T) {
	key := func(state string) string {
		k, err := (&Agent{cfg: Config{Device: "d0", State: state}}).sealKey()
		require.NoError(t, err)
		return k.Public()
	}
	state := t.TempDir()
	first, again := key(state), key(state)
	assert.Equal(t, first, again)
	assert.NotEqual(t, first, key(t.TempDir()))
	first, again = key(""), key("")
	assert.NotEqual(t, first, again)
}
