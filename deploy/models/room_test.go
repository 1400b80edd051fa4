package models_test

import (
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/models"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Of a store that is full, the oldest parts go, but for those that are needed.
func TestFullStore(t *testing.T) {
	s, nc := store(t, serve(t, server.Options{}), models.Options{Bytes: 10 * part, TTL: time.Hour})
	older, old, latest := random(4*part, 1), random(4*part, 2), random(4*part, 3)
	upload(t, s, nil, older)
	upload(t, s, nil, old)
	upload(t, s, nil, latest)
	fetch(t, s, latest, nil)
	fetch(t, s, old, nil)
	assert.NotEmpty(t, lacks(t, s, older))
	err := s.Upload(t.Context(), [][]byte{random(12*part, 4)}, nil, nil)
	require.ErrorIs(t, err, models.ErrStore)
	require.ErrorContains(t, err, "object store edgeprune-models: ")
	require.ErrorContains(t, err, "is full: free room there or raise its limit")
	status, err := objects(t, nc).Status(t.Context())
	require.NoError(t, err)
	assert.Equal(t, time.Hour, status.TTL())

	larger := models.NewStore(nc, models.Options{Bytes: 20 * part, TTL: 2 * time.Hour})
	upload(t, larger, nil, random(8*part, 4))
	status, err = objects(t, nc).Status(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 2*time.Hour, status.TTL())
}

// A short life of what is stored goes with a new store and with one that is there.
func TestStoreOfAShortLife(t *testing.T) {
	s, nc := store(t, serve(t, server.Options{}), models.Options{TTL: time.Hour})
	upload(t, s, nil, random(part, 1))
	for _, ttl := range []time.Duration{time.Minute, 3 * time.Hour, 30 * time.Second} {
		upload(t, models.NewStore(nc, models.Options{TTL: ttl}), nil, random(part, 1))
		status, err := objects(t, nc).Status(t.Context())
		require.NoError(t, err)
		assert.Equal(t, ttl, status.TTL())
	}
	s, nc = store(t, serve(t, server.Options{}), models.Options{TTL: time.Minute})
	upload(t, s, nil, random(part, 1))
	status, err := objects(t, nc).Status(t.Context())
	require.NoError(t, err)
	assert.Equal(t, time.Minute, status.TTL())
}

// A server with little room makes the store smaller; with less, that is an error.
func TestServerWithLittleRoom(t *testing.T) {
	s, _ := store(t, serve(t, server.Options{JetStreamMaxStore: 100 << 20}), models.Options{})
	data := random(2*part, 1)
	upload(t, s, nil, data)
	fetch(t, s, data, nil)
	for _, room := range []int64{1, 100 << 20} {
		s, _ = store(t, serve(t, server.Options{JetStreamMaxStore: room}), models.Options{Bytes: 200 << 20})
		err := s.Upload(t.Context(), [][]byte{data}, nil, nil)
		require.ErrorIs(t, err, models.ErrStore)
		require.ErrorContains(t, err, "is full: free room there or raise its limit")
	}
}
