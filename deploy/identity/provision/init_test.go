package provision_test

import (
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/identity"
	"github.com/edgeprune/edgeprune/deploy/identity/provision"
	"github.com/edgeprune/edgeprune/deploy/kernel/kerneltest"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/deploy/transport"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// made makes a testbed of d0 and d1 whose server is on this machine, made at a time.
func made(t *testing.T, now time.Time, hosts ...string) *provision.Made {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	port := l.Addr().(*net.TCPAddr).Port
	require.NoError(t, l.Close())
	m, err := (&provision.Testbed{Server: "hub", Hosts: hosts, Port: port, Devices: []string{"d0", "d1"}}).Init(
		filepath.Join(t.TempDir(), "lab"), now)
	require.NoError(t, err)
	return m
}

// serve runs the testbed's server until the test ends.
func serve(t *testing.T, m *provision.Made) {
	t.Helper()
	t.Chdir(m.Server)
	ended := make(chan error, 1)
	go func() { ended <- testbed.Serve(t.Context(), provision.ConfigFile) }()
	t.Cleanup(func() { assert.NoError(t, <-ended) })
}

// access returns what a folder says of the connection, to the server by another host's name
// than the file's, "" for that.
func access(t *testing.T, folder string) *identity.Access {
	t.Helper()
	f, err := identity.ReadFile(filepath.Join(folder, identity.FileName))
	require.NoError(t, err)
	return f.Access()
}

// Nobody but the owner can read what is made; nothing is overwritten.
func TestInitKeepsSecrets(t *testing.T) {
	m := made(t, time.Now())
	n := 0
	require.NoError(t, filepath.WalkDir(m.Dir, func(path string, e fs.DirEntry, err error) error {
		require.NoError(t, err)
		info, err := e.Info()
		require.NoError(t, err)
		assert.Zero(t, info.Mode().Perm()&0o077, path)
		n++
		return nil
	}))
	assert.Equal(t, 1+4+3+3*3, n)
	_, err := (&provision.Testbed{Server: "hub", Port: 1, Devices: []string{"d0"}}).Init(m.Dir, time.Now())
	require.EqualError(t, err, "testbed init: "+m.Dir+" is there already; nothing of it is overwritten: name a new folder")
}

func TestInitRefuses(t *testing.T) {
	for text, tb := range map[string]provision.Testbed{
		`testbed init: bad name: server "a.b"; expected letters from A to Z, digits, '-' and '_' only; give its host names ` +
			"or addresses behind '=': --server NAME=HOST,…": {Server: "a.b", Port: 1, Devices: []string{"d"}},
		"testbed init: a testbed needs devices; give --device NAME once for each, " +
			"or --worker NAME for studies alone": {Server: "a", Port: 1},
		"testbed init: port 0; expected 1 to 65535": {Server: "a", Devices: []string{"d"}},
		`testbed init: two members are called "d"; every one needs a name of its own`: {
			Server: "a", Port: 1, Devices: []string{"d"}, Coordinators: []string{"d"}},
		`testbed init: bad name: device "*"; expected letters from A to Z, digits, '-' and '_' only`: {
			Server: "a", Port: 1, Devices: []string{"*"}},
		`testbed init: host "x:1" of the server; expected a name or an address, without port`: {
			Server: "a", Hosts: []string{"x:1"}, Port: 1, Devices: []string{"d"}},
	} {
		_, err := tb.Init(filepath.Join(t.TempDir(), "x"), time.Now())
		require.EqualError(t, err, text)
	}
}

// What is made runs a plan, with TLS and the permissions of the configuration file.
func TestMadeTestbedRuns(t *testing.T) {
	m := made(t, time.Now(), "localhost")
	serve(t, m)
	kernels, err := kerneltest.Registry(nil)
	require.NoError(t, err)
	for _, folder := range m.Devices {
		a := access(t, folder)
		options, err := a.Options()
		require.NoError(t, err)
		ended := make(chan error, 1)
		cfg := agent.Config{Device: a.Name, URL: a.URL, Options: options, Kernels: kernels,
			Wait: 20 * time.Second, StopLimit: -1}
		go func() { ended <- agent.Run(t.Context(), cfg) }()
		t.Cleanup(func() { assert.NoError(t, <-ended) })
	}
	var d *coordinator.Driver
	require.Eventually(t, func() bool {
		var err error
		d, err = coordinator.Dial(access(t, m.Coordinators[0]))
		return err == nil
	}, 20*time.Second, 20*time.Millisecond)
	t.Cleanup(func() { transport.Close(d.Conn) })
	require.Eventually(t, func() bool {
		present, err := coordinator.Discover(t.Context(), d.Conn, 100*time.Millisecond)
		return err == nil && len(present) == 2
	}, 20*time.Second, 20*time.Millisecond)
	b := enginetest.NewBuilder("small", 10, 1, 1)
	b.Chain(1, 2, 0, 1, 1)
	tr, err := d.Run(t.Context(), b.Plan())
	require.NoError(t, err)
	assert.Len(t, tr.Results, 10)
	_, err = coordinator.Dial(access(t, m.Devices[0]))
	require.EqualError(t, err, "identity refused: the key of device d0 gives no orders; use the testbed file of a "+
		"coordinator")

	foreign := access(t, made(t, time.Now(), "localhost").Devices[0])
	assert.ErrorContains(t, refused(t, foreign, d.Conn.ConnectedUrl()), "is not signed by the testbed's authority; give "+
		"--testbed FILE or --tls-ca")
	foreign.TLSCA = access(t, m.Devices[0]).TLSCA // but its key
	assert.ErrorContains(t, refused(t, foreign, d.Conn.ConnectedUrl()), "the NATS server does not know this client's key")
	elsewhere := "tls://127.0.0.2:" + port(t, d.Conn.ConnectedUrl())
	assert.ErrorContains(t, refused(t, access(t, m.Devices[0]), elsewhere), "use a name or address that the certificate "+
		"of the NATS server holds")

	other := access(t, m.Devices[0]) // the key of d0 in the hands of d1
	options, err := other.Options()
	require.NoError(t, err)
	err = agent.Run(t.Context(), agent.Config{Device: "d1", URL: other.URL, Options: options, StopLimit: -1})
	require.ErrorIs(t, err, identity.ErrRefused)
	assert.ErrorContains(t, err, "the key is not that of the device d1; use the key and the testbed file of the same name")
}

// Who is not who the certificate says is not trusted, and why is said.
func TestCertificatesThatDoNotFit(t *testing.T) {
	old := made(t, time.Now().AddDate(-11, 0, 0), "localhost")
	serve(t, old)
	right := access(t, old.Devices[0])
	address := net.JoinHostPort("127.0.0.1", port(t, right.URL))
	require.Eventually(t, func() bool {
		c, err := net.Dial("tcp", address)
		if err == nil {
			c.Close()
		}
		return err == nil
	}, 20*time.Second, 20*time.Millisecond)
	assert.ErrorContains(t, refused(t, right, right.URL), "is out of date, it holds from ")
}

// refused connects as an access says to a URL, which is in vain, and returns why.
func refused(t *testing.T, a *identity.Access, url string) error {
	t.Helper()
	options, err := a.Options()
	require.NoError(t, err)
	_, err = nats.Connect(url, options...)
	err = identity.Explain(err)
	require.ErrorIs(t, err, identity.ErrRefused)
	return err
}

func port(t *testing.T, url string) string {
	t.Helper()
	i := len(url) - 1
	for url[i] != ':' {
		i--
	}
	n, err := strconv.Atoi(url[i+1:])
	require.NoError(t, err)
	return strconv.Itoa(n)
}

func TestKeysThatOthersMayRead(t *testing.T) {
	a := access(t, made(t, time.Now()).Devices[0])
	require.NoError(t, os.Chmod(a.Nkey, 0o644))
	_, err := a.Options()
	require.EqualError(t, err, "key: others may read "+a.Nkey+", its mode is 0644; make a new key if that was so for "+
		"long, else: chmod 600 "+a.Nkey)
	require.NoError(t, os.Remove(a.Nkey))
	require.NoError(t, os.WriteFile(a.Nkey, []byte("SUSECRETTHATISNONE"), 0o600))
	_, err = a.Options()
	require.ErrorIs(t, err, identity.ErrKey)
	assert.NotContains(t, err.Error(), "SECRET")
}

// Studies have an account of their own: nothing of theirs reaches a device, nor the other way. In
// it a worker queues no case, nobody stores results but workers, and nobody acts for others.
func TestStudiesAreApart(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	port := l.Addr().(*net.TCPAddr).Port
	require.NoError(t, l.Close())
	m, err := (&provision.Testbed{Server: "hub", Hosts: []string{"localhost"}, Port: port, Devices: []string{"d0"},
		Workers: []string{"w0", "w1"}}).Init(filepath.Join(t.TempDir(), "lab"), time.Now())
	require.NoError(t, err)
	require.Len(t, m.Workers, 2)
	serve(t, m)
	connect := func(a *identity.Access) *nats.Conn {
		t.Helper()
		options, err := a.Options()
		require.NoError(t, err)
		options = append(options, nats.CustomInboxPrefix(wire.InboxPrefix(a.Name)),
			nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}))
		var nc *nats.Conn
		require.Eventually(t, func() bool {
			nc, err = nats.Connect(a.URL, options...)
			return err == nil
		}, 20*time.Second, 20*time.Millisecond)
		t.Cleanup(func() { transport.Close(nc) })
		return nc
	}
	f, err := identity.ReadFile(filepath.Join(m.Coordinators[0], identity.FileName))
	require.NoError(t, err)
	who, err := f.Owner()
	require.NoError(t, err)
	owner, device := connect(who), connect(access(t, m.Devices[0]))
	w0, w1 := connect(access(t, m.Workers[0])), connect(access(t, m.Workers[1]))
	hears := func(from, to *nats.Conn, subject, on string) bool {
		sub, err := to.SubscribeSync(on)
		require.NoError(t, err)
		defer sub.Unsubscribe() //nolint:errcheck // it fails only on a closed connection
		require.NoError(t, to.Flush())
		require.NoError(t, from.Publish(subject, []byte("x")))
		require.NoError(t, from.Flush())
		require.NoError(t, to.Flush())
		n, _, err := sub.Pending()
		require.NoError(t, err)
		return n > 0
	}
	order := wire.OrderSubject("coordinator", "d0", wire.Load)
	assert.False(t, hears(w0, device, order, order))
	assert.False(t, hears(owner, device, order, order))
	result := wire.ResultSubjects + wire.CaseKey("p", "h")
	assert.True(t, hears(w0, owner, result, result))
	assert.False(t, hears(device, owner, result, result))
	assert.False(t, hears(owner, owner, result, result), "an owner stores no result")
	assert.False(t, hears(w0, w1, result, result), "a worker reads no other's messages")
	assert.False(t, hears(w0, w1, "_INBOX_w1.x", "_INBOX_w1.x"))

	require.NoError(t, owner.Publish("$JS.API.STREAM.CREATE."+wire.CaseStream, nil))
	for subject, allowed := range map[string]map[*nats.Conn]bool{
		wire.CaseSubject("p", "h"):                            {owner: true, w0: false, device: false},
		"$O." + wire.BundleBucket + ".M.x":                    {owner: true, w0: false, device: false},
		"$KV." + wire.StudyBucket + ".x":                      {owner: true, w0: false, device: false},
		"$KV." + wire.WorkerBucket + ".w0.x":                  {owner: false, w0: true, w1: false, device: false},
		"$JS.API.CONSUMER.CREATE." + wire.CaseStream + ".x":   {owner: true, w0: false, device: false},
		"$JS.API.STREAM.DELETE." + wire.CaseStream:            {owner: false, w0: false, device: false},
		"$JS.API.STREAM.PURGE.KV_" + wire.ResultBucket:        {owner: false, w0: false, device: false},
		"$JS.API.CONSUMER.MSG.NEXT." + wire.CaseStream + ".x": {owner: false, w0: true, device: false},
	} {
		for nc, may := range allowed {
			before := nc.LastError()
			require.NoError(t, nc.Publish(subject, []byte("x")))
			require.NoError(t, nc.Flush())
			if may {
				assert.Equal(t, before, nc.LastError(), subject)
			} else {
				assert.ErrorContains(t, nc.LastError(), `Permissions Violation for Publish to "`+subject+`"`)
			}
		}
	}
}
