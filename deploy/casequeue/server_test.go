package casequeue_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/casequeue"
	"github.com/edgeprune/edgeprune/deploy/identity"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Bundles travel in parts of what the server takes.
func TestBundles(t *testing.T) {
	b := newBroker(t, func(o *server.Options) { o.MaxPayload = 64 << 10 })
	q := b.owner(t)
	data := []byte(strings.Repeat("a bundle ", 1<<17))
	name, err := q.Upload(t.Context(), data)
	require.NoError(t, err)
	same, err := q.Upload(t.Context(), data)
	require.NoError(t, err)
	assert.Equal(t, name, same)
	got, err := b.dial(t, "w", casequeue.Options{}).Download(t.Context(), name)
	require.NoError(t, err)
	assert.Equal(t, data, got)
	_, err = q.Download(t.Context(), strings.Repeat("0", 64))
	require.ErrorIs(t, err, casequeue.ErrBundle)
	assert.EqualError(t, err, "bundle of a study 000000000000: the NATS server "+b.srv.ClientURL()+
		" does not have it whole; run the study again")
}

func TestLargeResults(t *testing.T) {
	b := newBroker(t, func(o *server.Options) { o.MaxPayload = 64 << 10 })
	q := b.owner(t)
	works(t, b.dial(t, "w", casequeue.Options{}), 1, large{})
	r, err := q.Result(t.Context(), caseOf(1))
	require.NoError(t, err)
	assert.Equal(t, "its result has 100000 bytes, of at most 64512 that the NATS server takes", string(r))
}

type large struct{}

func (large) Compute(context.Context, casequeue.Case) ([]byte, error) {
	return make([]byte, 100_000), nil
}

func (large) GiveUp(_ casequeue.Case, why string) ([]byte, error) { return []byte(why), nil }

// A worker of another program is told so.
func TestOtherProgram(t *testing.T) {
	b := newBroker(t, nil)
	q := b.owner(t)
	q.Announce(casequeue.Study{ID: "x", Name: "cameras", State: casequeue.Running, Begun: time.Now()})
	w := b.dial(t, "w", casequeue.Options{Program: "v2"})
	err := w.Work(t.Context(), &casequeue.Worker{Slots: 1, Handler: &upper{}})
	require.ErrorIs(t, err, casequeue.ErrProgram)
	s, e := q.Status(t.Context())
	require.NoError(t, e)
	require.Len(t, s.Studies, 1)
	assert.EqualError(t, err, "another program: study cameras of "+s.Studies[0].Host+" is run by v1, and this worker is "+
		"v2; results of two programs are not put together: start the same program here (edgeprune --version says which "+
		"one it is)")
}

func TestStatus(t *testing.T) {
	b := newBroker(t, nil)
	q := b.dial(t, "owner", casequeue.Options{})
	s, err := q.Status(t.Context())
	require.NoError(t, err)
	assert.Empty(t, s.Studies, "no study was ever run here")
	require.NoError(t, q.Open(t.Context()))
	begun := time.Now().UTC().Truncate(time.Second)
	q.Announce(casequeue.Study{ID: "x", Name: "cameras", State: casequeue.Running, Done: 1, Total: 2, Begun: begun})
	works(t, b.dial(t, "w", casequeue.Options{}), 3, &upper{})
	require.Eventually(t, func() bool {
		s, err = q.Status(t.Context())
		return err == nil && len(s.Workers) == 1
	}, 20*time.Second, 10*time.Millisecond)
	assert.Equal(t, 3, s.Workers[0].Slots)
	assert.Equal(t, "w", s.Workers[0].Name)
	require.Len(t, s.Studies, 1)
	assert.Equal(t, "cameras", s.Studies[0].Name)
	assert.Equal(t, "v1", s.Studies[0].Program)
	assert.Equal(t, begun, s.Studies[0].Begun)
}

func TestServersThatDontServe(t *testing.T) {
	b := newBroker(t, func(o *server.Options) { o.JetStream = false })
	url := b.srv.ClientURL()
	dial := func(a *identity.Access) error {
		_, err := casequeue.Dial(t.Context(), a, casequeue.Options{Program: "v1"})
		return err
	}
	err := dial(&identity.Access{Name: "w", URL: url})
	require.ErrorIs(t, err, casequeue.ErrServer)
	assert.EqualError(t, err, "case queue: the NATS server "+url+" has no JetStream, which keeps cases and results: "+
		"start it with nats-server -js, or with jetstream { store_dir: FOLDER } in its configuration")
	err = dial(&identity.Access{Name: "w", URL: "nats://127.0.0.1:1"})
	require.ErrorIs(t, err, casequeue.ErrServer)
	assert.EqualError(t, err, "case queue: no NATS server at nats://127.0.0.1:1: nats: no servers available for "+
		"connection; start one there with nats-server -js")
	require.Error(t, dial(&identity.Access{Name: "a.b", URL: url}))

	key, err := identity.NewKey()
	require.NoError(t, err)
	keyed := newBroker(t, func(o *server.Options) { o.Nkeys = []*server.NkeyUser{{Nkey: key.Public()}} })
	err = dial(&identity.Access{Name: "w", URL: keyed.srv.ClientURL()})
	require.ErrorIs(t, err, identity.ErrRefused)
	assert.EqualError(t, err, "NATS server at "+keyed.srv.ClientURL()+": identity refused: nats: Authorization "+
		"Violation: the NATS server does not know this client's key; give --testbed FILE, that of this machine and this "+
		"testbed, or --nkey")
}
