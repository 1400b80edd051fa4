package identity_test

import (
	"context"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/identity"
	"github.com/edgeprune/edgeprune/deploy/models"
	"github.com/edgeprune/edgeprune/deploy/transport"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// lab is a server with members, and a connection that may do all.
type lab struct {
	url     string
	members map[string]*identity.Member
	all     *nats.Conn
}

// newLab starts a server that takes devices d0 and d1 and coordinators c0 and c1, with their
// permissions or with none.
func newLab(t *testing.T, permissions bool) *lab {
	t.Helper()
	l := &lab{members: map[string]*identity.Member{}}
	o := &server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true, JetStream: true,
		StoreDir: t.TempDir()}
	for name, role := range map[string]identity.Role{
		"d0": identity.Device, "d1": identity.Device, "c0": identity.Coordinator, "c1": identity.Coordinator,
	} {
		m, err := identity.NewMember(role, name)
		require.NoError(t, err)
		l.members[name] = m
		u := m.User()
		if !permissions {
			u.Permissions = nil
		}
		o.Nkeys = append(o.Nkeys, u)
	}
	key, err := identity.NewKey()
	require.NoError(t, err)
	o.Nkeys = append(o.Nkeys, &server.NkeyUser{Nkey: key.Public()})
	srv, err := server.NewServer(o)
	require.NoError(t, err)
	srv.Start()
	require.True(t, srv.ReadyForConnections(10*time.Second), "no server")
	t.Cleanup(func() {
		srv.Shutdown()
		srv.WaitForShutdown()
	})
	l.url = srv.ClientURL()
	l.all = l.connect(t, key.Option())
	return l
}

func (l *lab) connect(t *testing.T, o ...nats.Option) *nats.Conn {
	t.Helper()
	quiet := nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {})
	nc, err := nats.Connect(l.url, append(o, quiet)...)
	require.NoError(t, err)
	t.Cleanup(func() { transport.Close(nc) })
	return nc
}

// as returns a connection of a member.
func (l *lab) as(t *testing.T, name string) *nats.Conn {
	t.Helper()
	return l.connect(t, l.members[name].Key.Option(), nats.CustomInboxPrefix(wire.InboxPrefix(name)))
}

// hears reports whether a client that subscribes to a subject gets what another sends on one
// that it matches.
func hears(t *testing.T, from, to *nats.Conn, subscribed, sent string) bool {
	t.Helper()
	sub, err := to.SubscribeSync(subscribed)
	require.NoError(t, err)
	defer sub.Unsubscribe() //nolint:errcheck // it fails only on a closed connection
	require.NoError(t, to.Flush())
	require.NoError(t, from.Publish(sent, []byte("x")))
	require.NoError(t, from.Flush())
	require.NoError(t, to.Flush())
	n, _, err := sub.Pending()
	require.NoError(t, err)
	return n > 0
}

// What a member may not read, it gets from a server without permissions.
func TestEavesdropping(t *testing.T) {
	for _, permissions := range []bool{true, false} {
		l := newLab(t, permissions)
		for _, tt := range []struct{ who, subscribed, sent string }{
			{"d1", "edgeprune.>", wire.DataSubject("c0", "d0", "r", 1)},
			{"d1", ">", wire.DataSubject("c0", "d0", "r", 1)},
			{"d1", "edgeprune.data.*.*.*.*", wire.DataSubject("c0", "d0", "r", 1)},
			{"d1", wire.DataSubject("c0", "d0", "r", 1), wire.DataSubject("c0", "d0", "r", 1)},
			{"d1", "edgeprune.order.*.d0.load", wire.OrderSubject("c0", "d0", wire.Load)},
			{"d1", "edgeprune.trace.d0.c0.r", wire.TraceSubject("d0", "c0", "r")},
			{"d1", "_INBOX_d0.>", "_INBOX_d0.x"},
			{"d1", "$O." + wire.Bucket + ".>", wire.BucketChunks + "x"},
			{"c1", "edgeprune.>", wire.DataSubject("d0", "d1", "r", 1)},
			{"c1", "edgeprune.trace.*.*.*", wire.TraceSubject("d0", "c0", "r")},
			{"c1", "edgeprune.order.*.d0.load", wire.OrderSubject("c0", "d0", wire.Load)},
			{"c1", "_INBOX_c0.>", "_INBOX_c0.x"},
		} {
			heard := hears(t, l.all, l.as(t, tt.who), tt.subscribed, tt.sent)
			assert.Equal(t, !permissions, heard, "%s hears %s by %s, with permissions: %v", tt.who, tt.sent, tt.subscribed,
				permissions)
		}
	}
}

// What a member may not send reaches others of a server without permissions.
func TestForgery(t *testing.T) {
	for _, permissions := range []bool{true, false} {
		l := newLab(t, permissions)
		for _, tt := range []struct{ who, subject string }{
			{"d1", wire.DataSubject("d0", "d1", "r", 0)},
			{"d1", wire.AckSubject("d0", "d1", "r", 0)},
			{"d1", wire.HelloSubject("d0", "d1", "r")},
			{"d1", wire.ErrorSubject("d0", "c0", "r")},
			{"d1", wire.TraceSubject("d0", "c0", "r")},
			{"d1", wire.AliveSubject("d0")},
			{"d1", wire.ProbeSubject("d0", "d1")},
			{"d1", wire.OrderSubject("c0", "d0", wire.Load)}, // a device gives orders, in another's name
			{"d1", wire.OrderSubject("d1", "d0", wire.Load)}, // and in its own
			{"d1", wire.ReceivedSubject("c0", "d0", "r")},
			{"d1", "edgeprune.lease.c0.d0.r"},
			{"d1", "_INBOX_c0.x"}, // an answer that nobody asked it for
			{"d1", "$SRV.PING"},
			{"d1", wire.BucketChunks + "x"},
			{"c1", wire.OrderSubject("c0", "d0", wire.Finish)},
			{"c1", wire.ReceivedSubject("c0", "d0", "r")},
			{"c1", wire.AliveSubject("d0")},
			{"c1", wire.DataSubject("d0", "d1", "r", 0)},
			{"c1", wire.TraceSubject("d0", "c0", "r")},
		} {
			heard := hears(t, l.as(t, tt.who), l.all, tt.subject, tt.subject)
			assert.Equal(t, !permissions, heard, "%s sends %s, with permissions: %v", tt.who, tt.subject, permissions)
		}
	}
}

// What members need they may do.
func TestMembersMayDoTheirWork(t *testing.T) {
	l := newLab(t, true)
	for _, tt := range []struct{ from, to, subscribed, sent string }{
		{"c0", "d0", wire.OrderSubject(wire.Any, "d0", wire.Load), wire.OrderSubject("c0", "d0", wire.Load)},
		{"c0", "d0", wire.ProbeSubject(wire.Any, "d0"), wire.ProbeSubject("c0", "d0")},
		{"d1", "d0", wire.ProbeSubject(wire.Any, "d0"), wire.ProbeSubject("d1", "d0")},
		{"c0", "d0", wire.ReceivedSubject("c0", "d0", "r"), wire.ReceivedSubject("c0", "d0", "r")},
		{"c0", "d0", wire.OrderSubject(wire.Any, "d0", wire.Claim), wire.OrderSubject("c0", "d0", wire.Claim)},
		{"c0", "d0", wire.LeaseSubject(wire.Any, "d0", wire.Any), wire.LeaseSubject("c0", "d0", "r")},
		{"d0", "d0", wire.MeetSubject("d0"), wire.MeetSubject("d0")},
		{"d0", "d1", wire.DataSubject("d0", "d1", "r", 1), wire.DataSubject("d0", "d1", "r", 1)},
		{"d1", "d0", wire.AckSubject("d1", "d0", "r", 1), wire.AckSubject("d1", "d0", "r", 1)},
		{"d1", "d0", wire.HelloSubject("d1", "d0", "r"), wire.HelloSubject("d1", "d0", "r")},
		{"d1", "d0", wire.AliveSubject("d1"), wire.AliveSubject("d1")},
		{"d1", "c0", wire.AliveSubject("d1"), wire.AliveSubject("d1")},
		{"d1", "c0", wire.TraceSubject("d1", "c0", "r"), wire.TraceSubject("d1", "c0", "r")},
		{"d1", "c0", wire.ErrorSubject("d1", "c0", "r"), wire.ErrorSubject("d1", "c0", "r")},
		{"c0", "d0", "$SRV.PING", "$SRV.PING"},
	} {
		assert.True(t, hears(t, l.as(t, tt.from), l.as(t, tt.to), tt.subscribed, tt.sent), "%s hears %s", tt.to, tt.sent)
	}
}

// An answer may have many parts, and goes to who has asked only.
func TestAnswersInParts(t *testing.T) {
	l := newLab(t, true)
	d, c := l.as(t, "d0"), l.as(t, "c0")
	_, err := d.Subscribe(wire.OrderSubject(wire.Any, "d0", wire.Status), func(msg *nats.Msg) {
		for range 100 {
			assert.NoError(t, msg.Respond([]byte("part")))
		}
	})
	require.NoError(t, err)
	require.NoError(t, d.Flush())
	inbox := c.NewInbox()
	sub, err := c.SubscribeSync(inbox)
	require.NoError(t, err)
	require.NoError(t, c.PublishRequest(wire.OrderSubject("c0", "d0", wire.Status), inbox, nil))
	for i := range 100 {
		_, err := sub.NextMsg(10 * time.Second)
		require.NoError(t, err, "part %d", i)
	}
}

// Devices read the bucket of sub-models; only coordinators write to it, and nobody touches
// other streams.
func TestObjectStore(t *testing.T) {
	for _, permissions := range []bool{true, false} {
		l := newLab(t, permissions)
		big := make([]byte, 3<<20)
		m := models.Describe(big)
		require.NoError(t, models.NewStore(l.as(t, "c0"), models.Options{}).Upload(t.Context(), [][]byte{big}, nil, nil))
		got, err := models.NewStore(l.as(t, "d0"), models.Options{}).Fetch(t.Context(), &m, nil, nil, nil)
		require.NoError(t, err)
		assert.Equal(t, big, got)

		reader, err := jetstream.New(l.as(t, "d0"), jetstream.WithDefaultTimeout(300*time.Millisecond))
		require.NoError(t, err)
		found, err := reader.ObjectStore(t.Context(), wire.Bucket)
		require.NoError(t, err)
		limited := func(do func(ctx context.Context) error) bool {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			return do(ctx) == nil
		}
		stranger, err := jetstream.New(l.as(t, "c1"), jetstream.WithDefaultTimeout(300*time.Millisecond))
		require.NoError(t, err)
		for what, do := range map[string]func(ctx context.Context) error{
			"a device stores": func(ctx context.Context) error {
				_, err := found.PutBytes(ctx, m.Parts[0], []byte("poison"))
				return err
			},
			"a device deletes": func(ctx context.Context) error { return found.Delete(ctx, m.Parts[0]) },
			// It would send what the bucket holds to any subject, in the name of the server.
			"a device makes a consumer": func(ctx context.Context) error {
				_, err := reader.CreateConsumer(ctx, wire.BucketStream, jetstream.ConsumerConfig{})
				return err
			},
			"a coordinator makes a consumer": func(ctx context.Context) error {
				_, err := stranger.CreateConsumer(ctx, wire.BucketStream, jetstream.ConsumerConfig{})
				return err
			},
			"a device makes a bucket": func(ctx context.Context) error {
				_, err := reader.CreateObjectStore(ctx, jetstream.ObjectStoreConfig{Bucket: "other"})
				return err
			},
			"a coordinator makes another stream": func(ctx context.Context) error {
				_, err := stranger.CreateStream(ctx, jetstream.StreamConfig{Name: "spy", Subjects: []string{"edgeprune.>"}})
				return err
			},
		} {
			assert.Equal(t, !permissions, limited(do), "%s, with permissions: %v", what, permissions)
		}
	}
}

// A device can't have the server send it, or others, what it may not read: streams of other
// buckets are out of its reach.
func TestForeignStreams(t *testing.T) {
	l := newLab(t, true)
	all, err := jetstream.New(l.all)
	require.NoError(t, err)
	_, err = all.CreateStream(t.Context(), jetstream.StreamConfig{Name: "secret", Subjects: []string{"secret.>"}})
	require.NoError(t, err)
	_, err = all.Publish(t.Context(), "secret.x", []byte("x"))
	require.NoError(t, err)
	js, err := jetstream.New(l.as(t, "d0"), jetstream.WithDefaultTimeout(300*time.Millisecond))
	require.NoError(t, err)
	_, err = js.Stream(t.Context(), "secret")
	require.Error(t, err)
	_, err = js.CreateConsumer(t.Context(), "secret", jetstream.ConsumerConfig{})
	require.Error(t, err)
}

func TestStrangersWithoutAKey(t *testing.T) {
	l := newLab(t, true)
	foreign, err := identity.NewKey()
	require.NoError(t, err)
	for what, o := range map[string][]nats.Option{
		"no key": nil, "another key": {foreign.Option()}, "a password": {nats.UserInfo("d0", "d0")},
	} {
		_, err := nats.Connect(l.url, o...)
		require.ErrorIs(t, err, nats.ErrAuthorization, what)
		err = identity.Explain(err)
		require.ErrorIs(t, err, identity.ErrRefused, what)
		assert.EqualError(t, err, "identity refused: nats: Authorization Violation: the NATS server does not know this "+
			"client's key; give --testbed FILE, that of this machine and this testbed, or --nkey", what)
	}
}
