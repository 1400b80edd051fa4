package metrics_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/deploy/metrics"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// get returns the text of the metrics of a server.
func get(t *testing.T, url string) string {
	t.Helper()
	answer, err := http.Get(url)
	require.NoError(t, err)
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, answer.StatusCode, string(b))
	return string(b)
}

// A port alone is one of the loopback interface.
func TestListen(t *testing.T) {
	for _, address := range []string{"0", ":0", "127.0.0.1:0", "localhost:0"} {
		s, err := metrics.Listen(address)
		require.NoError(t, err, address)
		assert.True(t, strings.HasPrefix(s.URL(), "http://127.0.0.1:") || strings.HasPrefix(s.URL(), "http://[::1]:"),
			s.URL())
		all := get(t, s.URL())
		assert.Contains(t, all, "process_resident_memory_bytes ")
		assert.Contains(t, all, "go_goroutines ")
		answer, err := http.Post(s.URL(), "text/plain", strings.NewReader("x"))
		require.NoError(t, err)
		assert.Equal(t, http.StatusMethodNotAllowed, answer.StatusCode)
		require.NoError(t, answer.Body.Close())
		s.Close()
		_, err = http.Get(s.URL())
		require.Error(t, err, "it goes on")
	}
	http.DefaultClient.CloseIdleConnections()
}

func TestListenRefuses(t *testing.T) {
	const expected = ": expected a port, as 9464, which is one of the loopback interface, or HOST:PORT, as " +
		"0.0.0.0:9464, which whoever reaches this machine can read"
	for _, address := range []string{"", "x", "-1", "65536", "http://127.0.0.1:1/metrics", "127.0.0.1", "a:b", "1:2:3",
		"+1", "01"} {
		_, err := metrics.Listen(address)
		require.ErrorIs(t, err, metrics.ErrAddress, address)
		assert.Equal(t, "metrics can't be served at "+`"`+address+`"`+expected, err.Error())
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	_, err = metrics.Listen(l.Addr().String())
	require.ErrorIs(t, err, metrics.ErrAddress)
	assert.Equal(t, "metrics can't be served at "+l.Addr().String()+
		": another program listens there; give another port, or 0 for a free one", err.Error())
}
