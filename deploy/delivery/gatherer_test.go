package delivery_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/engine/enginetest/world"
	"github.com/edgeprune/edgeprune/deploy/delivery"
	"github.com/edgeprune/edgeprune/deploy/wire"
)

// filled returns n bytes that tell where they lie.
func filled(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i ^ i>>8 ^ i>>16)
	}
	return b
}

// split returns the messages that carry data.
func split(t *testing.T, data []byte, seq uint64, limit int64) (messages [][]byte) {
	t.Helper()
	require.NoError(t, delivery.Messages(data, 1, seq, limit, func(msg []byte) error {
		messages = append(messages, slices.Clone(msg))
		return nil
	}))
	return messages
}

func TestMessagesOfAnySizeFit(t *testing.T) {
	for _, limit := range []int{wire.HeaderBytes + 1, 4 << 10, 64 << 10} {
		for _, n := range []int{0, 1, limit - 1, limit, limit + 1, 2*limit - wire.HeaderBytes, 100 * limit} {
			data := filled(n)
			var g delivery.Gatherer
			messages := split(t, data, 1, int64(limit))
			sum := int64(0)
			for i, msg := range messages {
				require.LessOrEqual(t, len(msg), limit)
				sum += int64(len(msg))
				whole, ok, err := g.Add(msg)
				require.NoError(t, err)
				require.Equal(t, i == len(messages)-1, ok, "message %d of %d", i, len(messages))
				if ok {
					require.True(t, bytes.Equal(data, whole), "%d bytes by %d", n, limit)
				}
			}
			assert.Equal(t, wire.MessageBytes(int64(n), int64(limit)), sum)
		}
	}
}

// Whatever is lost, comes twice, or comes between: what becomes whole is what was sent,
// and what is sent again without a loss becomes whole.
func TestGatherer(t *testing.T) {
	world.Each(t, func(seed uint64) error {
		rng := rand.New(rand.NewPCG(seed, 1))
		limit := int64(wire.HeaderBytes + 1 + rng.IntN(20))
		var sent, stream [][]byte
		for seq := range uint64(10) {
			data := filled(rng.IntN(100))
			sent = append(sent, data)
			err := delivery.Messages(data, 1, seq, limit, func(msg []byte) error {
				for range rng.IntN(3) { // lost, once, twice
					stream = append(stream, slices.Clone(msg))
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		last := filled(200)
		if err := delivery.Messages(last, 1, 10, limit, func(msg []byte) error {
			stream = append(stream, slices.Clone(msg))
			return nil
		}); err != nil {
			return err
		}
		var g delivery.Gatherer
		var whole []byte
		for _, msg := range stream {
			data, ok, err := g.Add(msg)
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
			whole = data
			if !slices.ContainsFunc(append(sent, last), func(b []byte) bool { return bytes.Equal(b, data) }) {
				return fmt.Errorf("nobody sent %x", data)
			}
		}
		if !bytes.Equal(whole, last) {
			return fmt.Errorf("the last message came as %x", whole)
		}
		return nil
	})
}

// A message's claim of its length allocates nothing that doesn't come.
func TestGathererRefuses(t *testing.T) {
	h, err := wire.PartHeader(1, 1, wire.MaxMessageBytes)
	require.NoError(t, err)
	first := h.Cut(wire.HeaderBytes + 1)
	msg := make([]byte, wire.HeaderBytes+1)
	first.Encode(msg)
	var g delivery.Gatherer
	for range 1000 {
		_, ok, err := g.Add(msg)
		require.NoError(t, err)
		require.False(t, ok)
	}
	h.Total++
	first = h.Cut(wire.HeaderBytes + 1)
	first.Encode(msg)
	_, _, err = g.Add(msg)
	require.ErrorIs(t, err, wire.ErrMessage)
}
