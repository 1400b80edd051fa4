package deploy

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// MaxPayloadBytes is the embedded server's limit on a message.
const MaxPayloadBytes = 8 << 20

// broker is an embedded NATS server on the loopback interface.
type broker struct {
	srv *server.Server
	dir string
}

// startBroker starts a server; port 0 takes a free one.
func startBroker(port int) (*broker, error) {
	if port == 0 {
		port = server.RANDOM_PORT
	} else {
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			return nil, fmt.Errorf("%w: NATS port %d can't be used: %w; give another one, or 0 for any", ErrTestbed, port, err)
		}
		_ = l.Close() // only probed
	}
	dir, err := os.MkdirTemp("", "edgeprune-nats-")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTestbed, err)
	}
	b := &broker{dir: dir}
	b.srv, err = server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: port, ServerName: "edgeprune", NoLog: true, NoSigs: true,
		MaxPayload: MaxPayloadBytes, JetStream: true, StoreDir: dir,
	})
	if err == nil {
		b.srv.Start()
		if b.srv.ReadyForConnections(10 * time.Second) {
			return b, nil
		}
		err = fmt.Errorf("not ready within 10 s")
	}
	b.close()
	return nil, fmt.Errorf("%w: embedded NATS server: %w", ErrTestbed, err)
}

func (b *broker) url() string { return b.srv.ClientURL() }

func (b *broker) close() {
	if b.srv != nil {
		b.srv.Shutdown()
		b.srv.WaitForShutdown()
	}
	_ = os.RemoveAll(b.dir) // what is left lies in the temporary directory
}
