package models_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/models"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/edgeprune/edgeprune/deploy/transport"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) { testbedtest.Main(m, nil) }

const part = wire.ModelPartBytes

// random returns n bytes that are the same for the same seed, and look like no others.
func random(n int, seed byte) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{seed}).Read(b) // it never fails
	return b
}

func serve(t *testing.T, o server.Options) *testbedtest.Broker {
	t.Helper()
	o.JetStream = true
	return testbedtest.NewBroker(t, o)
}

func connect(t testing.TB, url string) *nats.Conn {
	t.Helper()
	nc, err := nats.Connect(url, nats.MaxReconnects(-1), nats.ReconnectWait(20*time.Millisecond),
		nats.ReconnectBufSize(-1), nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}))
	require.NoError(t, err)
	t.Cleanup(func() { transport.Close(nc) })
	return nc
}

// store returns a store with a connection of its own.
func store(t *testing.T, b *testbedtest.Broker, o models.Options) (*models.Store, *nats.Conn) {
	t.Helper()
	nc := connect(t, b.Server().ClientURL())
	return models.NewStore(nc, o), nc
}

// objects returns the bucket as others see it.
func objects(t *testing.T, nc *nats.Conn) jetstream.ObjectStore {
	t.Helper()
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	o, err := js.ObjectStore(t.Context(), wire.Bucket)
	require.NoError(t, err)
	return o
}

// upload uploads sub-models and returns how many bytes of parts that took.
func upload(t *testing.T, s *models.Store, lacking []wire.Lacking, all ...[]byte) int64 {
	t.Helper()
	moved, of := int64(0), int64(0)
	require.NoError(t, s.Upload(t.Context(), all, lacking, func(done, total int64) { moved, of = done, total }))
	assert.Equal(t, of, moved)
	return moved
}

// fetch fetches a sub-model and returns how many bytes of parts that took.
func fetch(t *testing.T, s *models.Store, data []byte, cache *models.Cache) int64 {
	t.Helper()
	m := models.Describe(data)
	moved, of := int64(0), int64(0)
	got, err := s.Fetch(t.Context(), &m, cache, func(done, total int64) { moved, of = done, total }, nil)
	require.NoError(t, err)
	require.True(t, bytes.Equal(data, got))
	assert.Equal(t, of, moved)
	return moved
}

// lacks returns what a store lacks of a sub-model.
func lacks(t *testing.T, s *models.Store, data []byte) []wire.Lacking {
	t.Helper()
	m := models.Describe(data)
	_, err := s.Fetch(t.Context(), &m, nil, nil, nil)
	require.ErrorIs(t, err, models.ErrLacking)
	require.ErrorContains(t, err, "sub-model "+m.SHA256+": parts of the sub-model are missing or damaged in the object "+
		"store edgeprune-models: ")
	var e *models.LackingError
	require.ErrorAs(t, err, &e)
	return e.Parts
}

// Sub-models of any size move once, whatever the server's max_payload is.
func TestUploadAndFetch(t *testing.T) {
	all := [][]byte{{}, random(1, 1), random(part-1, 2), random(part, 3), random(5*part+7, 4), make([]byte, 4*part)}
	for _, limit := range []int32{wire.LeastPayload, 64 << 10, 0} {
		b := serve(t, server.Options{MaxPayload: limit})
		s, nc := store(t, b, models.Options{})
		assert.EqualValues(t, 1+part-1+part+5*part+7+part, upload(t, s, nil, all...), "equal parts move once")
		assert.Zero(t, upload(t, s, nil, all...), "all are there")
		reader, _ := store(t, b, models.Options{})
		cache := models.NewCache(t.TempDir(), 0)
		for _, data := range all {
			fetch(t, reader, data, nil)
			fetch(t, reader, data, cache)
			assert.Zero(t, fetch(t, reader, data, cache), "it is on the device")
		}
		info, err := objects(t, nc).GetInfo(t.Context(), models.Describe(all[4]).Parts[5])
		require.NoError(t, err)
		assert.Equal(t, "part 6 of 6 of the sub-model with SHA-256 "+models.Describe(all[4]).SHA256, info.Description)
		status, err := objects(t, nc).Status(t.Context())
		require.NoError(t, err)
		assert.Equal(t, models.DefaultTTL, status.TTL())
	}
}

// What is kept on a device needs no server.
func TestCachedModelNeedsNoServer(t *testing.T) {
	b := serve(t, server.Options{})
	s, _ := store(t, b, models.Options{Still: time.Second})
	data, cache := random(3*part, 1), models.NewCache(t.TempDir(), 0)
	upload(t, s, nil, data)
	fetch(t, s, data, cache)
	b.Stop()
	assert.Zero(t, fetch(t, s, data, cache))
}

// Objects under the name of a part that aren't that part are replaced.
func TestWrongObjectsAreReplaced(t *testing.T) {
	data := random(2*part, 1)
	name := models.Describe(data).Parts[1]
	for what, spoil := range map[string]func(*testing.T, *nats.Conn){
		"another object": func(t *testing.T, nc *nats.Conn) {
			_, err := objects(t, nc).PutBytes(t.Context(), name, []byte("forged"))
			require.NoError(t, err)
		},
		"no object": func(t *testing.T, nc *nats.Conn) {
			require.NoError(t, objects(t, nc).Delete(t.Context(), name))
		},
		"no description of an object": func(t *testing.T, nc *nats.Conn) {
			js, err := jetstream.New(nc)
			require.NoError(t, err)
			_, err = js.Publish(t.Context(), wire.BucketMeta+base64.URLEncoding.EncodeToString([]byte(name)),
				[]byte("junk"))
			require.NoError(t, err)
		},
		"purged chunks": func(t *testing.T, nc *nats.Conn) {
			info, err := objects(t, nc).GetInfo(t.Context(), name)
			require.NoError(t, err)
			js, err := jetstream.New(nc)
			require.NoError(t, err)
			stream, err := js.Stream(t.Context(), wire.BucketStream)
			require.NoError(t, err)
			require.NoError(t, stream.Purge(t.Context(), jetstream.WithPurgeSubject(wire.BucketChunks+info.NUID)))
		},
	} {
		t.Run(what, func(t *testing.T) {
			s, nc := store(t, serve(t, server.Options{}), models.Options{})
			upload(t, s, nil, data)
			spoil(t, nc)
			missing := lacks(t, s, data)
			require.Len(t, missing, 1)
			assert.Equal(t, name, missing[0].Part)
			assert.EqualValues(t, part, upload(t, s, nil, data), "it is noticed without being told")
			fetch(t, s, data, nil)
		})
	}
}

// A chunk that was exchanged is noticed by who reads it, and replaced once.
func TestDamagedChunksAreReplaced(t *testing.T) {
	data := random(2*part, 1)
	s, nc := store(t, serve(t, server.Options{}), models.Options{})
	upload(t, s, nil, data)
	name := models.Describe(data).Parts[0]
	info, err := objects(t, nc).GetInfo(t.Context(), name)
	require.NoError(t, err)
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	stream, err := js.Stream(t.Context(), wire.BucketStream)
	require.NoError(t, err)
	subject := wire.BucketChunks + info.NUID
	chunk, err := stream.GetMsg(t.Context(), 1, jetstream.WithGetMsgSubject(subject))
	require.NoError(t, err)
	require.NoError(t, stream.DeleteMsg(t.Context(), chunk.Sequence))
	_, err = js.Publish(t.Context(), subject, chunk.Data) // in the wrong order
	require.NoError(t, err)
	assert.Zero(t, upload(t, s, nil, data), "it looks right")
	missing := lacks(t, s, data)
	assert.Equal(t, []wire.Lacking{{Part: name, Object: info.NUID}}, missing)
	assert.EqualValues(t, part, upload(t, s, missing, data))
	assert.Zero(t, upload(t, s, missing, data), "another agent that asks for it too")
	fetch(t, s, data, nil)
}

// An upload that was broken off, as by a coordinator that is killed, goes on where it was, and
// so does a download.
func TestTransfersGoOn(t *testing.T) {
	const parts = 24
	data := random(parts*part, 1)
	b := serve(t, server.Options{})
	proxy := testbedtest.NewProxy(t, b.Server().Addr().String(), 0)
	nc := connect(t, proxy.URL())
	s := models.NewStore(nc, models.Options{})
	half := func(stop context.CancelFunc) models.Moved {
		return func(done, _ int64) {
			if done >= parts*part/2 {
				stop()
			}
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	require.ErrorIs(t, s.Upload(ctx, [][]byte{data}, nil, half(cancel)), context.Canceled)
	nc.Close()
	proxy.Cut()
	before := proxy.ToServer()
	s = models.NewStore(connect(t, proxy.URL()), models.Options{})
	assert.LessOrEqual(t, upload(t, s, nil, data), int64(parts*part/2))
	assert.Less(t, proxy.ToServer()-before, int64(parts*part*6/10), "sent again")

	cache := models.NewCache(t.TempDir(), 0)
	ctx, cancel = context.WithCancel(t.Context())
	m := models.Describe(data)
	_, err := s.Fetch(ctx, &m, cache, half(cancel), nil)
	require.ErrorIs(t, err, context.Canceled)
	reader, nc := store(t, b, models.Options{})
	assert.LessOrEqual(t, fetch(t, reader, data, cache), int64(parts*part*6/10), "fetched again")
	assert.Less(t, nc.Stats().InBytes, uint64(parts*part*7/10))
}

// Connections that break don't end a transfer.
func TestTransfersOutliveConnections(t *testing.T) {
	const parts = 24
	data := random(parts*part, 1)
	b := serve(t, server.Options{})
	proxy := testbedtest.NewProxy(t, b.Server().Addr().String(), 0)
	s := models.NewStore(connect(t, proxy.URL()), models.Options{})
	cutting := func() models.Moved {
		next := int64(parts * part / 3)
		return func(done, _ int64) {
			if done >= next {
				next = parts*part + next
				proxy.Cut()
			}
		}
	}
	require.NoError(t, s.Upload(t.Context(), [][]byte{data}, nil, cutting()))
	m := models.Describe(data)
	got, err := s.Fetch(t.Context(), &m, nil, cutting(), nil)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(data, got))
}

// A server that lost its store gets all again.
func TestStoreThatWasLost(t *testing.T) {
	data := random(3*part, 1)
	b := serve(t, server.Options{})
	s, nc := store(t, b, models.Options{})
	upload(t, s, nil, data)
	b.Restart(func(o *server.Options) { o.StoreDir = t.TempDir() })
	require.Eventually(t, nc.IsConnected, 10*time.Second, time.Millisecond)
	missing := lacks(t, s, data)
	assert.Len(t, missing, 3)
	assert.EqualValues(t, 3*part, upload(t, s, missing, data))
	fetch(t, s, data, nil)
}

// A transfer lasts for as long as something moves, and no longer.
func TestTransfersLastByProgress(t *testing.T) {
	const parts, still, bytesPerSec = 12, 5 * time.Second, 512 << 10 // it takes six seconds
	for _, down := range []bool{false, true} {
		t.Run(map[bool]string{false: "up", true: "down"}[down], func(t *testing.T) {
			t.Parallel()
			data := random(parts*part, 1)
			b := serve(t, server.Options{})
			proxy := testbedtest.NewProxy(t, b.Server().Addr().String(), bytesPerSec)
			s := models.NewStore(connect(t, proxy.URL()), models.Options{Still: still})
			begun := time.Now()
			if down {
				near, _ := store(t, b, models.Options{})
				upload(t, near, nil, data)
				begun = time.Now()
				fetch(t, s, data, nil)
			} else {
				assert.EqualValues(t, parts*part, upload(t, s, nil, data))
			}
			assert.Greater(t, time.Since(begun), still, "the link was too fast for this test")
		})
	}
}

func TestTransfersThatStandStill(t *testing.T) {
	data := random(8*part, 1)
	b := serve(t, server.Options{})
	proxy := testbedtest.NewProxy(t, b.Server().Addr().String(), 0)
	s := models.NewStore(connect(t, proxy.URL()), models.Options{Still: time.Second})
	holding := func(done, _ int64) {
		if done == 2*part {
			proxy.Hold()
		}
	}
	err := s.Upload(t.Context(), [][]byte{data}, nil, holding)
	require.ErrorIs(t, err, models.ErrStill)
	require.ErrorIs(t, err, models.ErrStore)
	assert.ErrorContains(t, err, "of 2097152 bytes moved")
	proxy.Release()
	upload(t, s, nil, data)
	m := models.Describe(data)
	_, err = s.Fetch(t.Context(), &m, nil, func(done, _ int64) {
		if done >= 2*part {
			proxy.Hold()
		}
	}, nil)
	require.ErrorIs(t, err, models.ErrStill)
	proxy.Release()
	cause := errors.New("the run has ended")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	require.ErrorIs(t, s.Upload(ctx, [][]byte{data}, nil, nil), cause)
	_, err = s.Fetch(ctx, &m, nil, nil, nil)
	require.ErrorIs(t, err, cause)
}
