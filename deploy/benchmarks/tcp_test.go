package benchmarks

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The rival of the boundary: two sessions in two processes, joined by a TCP
// connection. A message is its length, a little-endian uint32, and that many bytes;
// package net sets TCP_NODELAY. The answer to a tensor is when it had wholly arrived,
// when the result was there, each an int64 in ns, and the result.

// serveTCP runs the second session until standard input ends, and says on standard
// output where it listens.
func serveTCP(model string) error {
	s, err := openSession(model)
	if err != nil {
		return err
	}
	defer s.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = l.Close()
	}()
	fmt.Println(l.Addr())
	for {
		conn, err := l.Accept()
		if err != nil {
			return nil // closed
		}
		go answer(conn, s)
	}
}

// answer serves one client until it closes the connection.
func answer(conn net.Conn, s *session) {
	defer conn.Close()
	in, out := s.in[0].Data(), s.out[0].Data()
	reply := make([]byte, 16+len(out))
	for receive(conn, in) == nil {
		arrived := clock.Now()
		if s.run() != nil {
			return
		}
		binary.LittleEndian.PutUint64(reply, uint64(arrived))
		binary.LittleEndian.PutUint64(reply[8:], uint64(clock.Now()))
		copy(reply[16:], out)
		if send(conn, reply) != nil {
			return
		}
	}
}

func send(conn net.Conn, b []byte) error {
	var length [4]byte
	binary.LittleEndian.PutUint32(length[:], uint32(len(b)))
	message := net.Buffers{length[:], b}
	_, err := message.WriteTo(conn) // one system call
	return err
}

func receive(conn net.Conn, b []byte) error {
	var length [4]byte
	if _, err := io.ReadFull(conn, length[:]); err != nil {
		return err
	}
	if n := binary.LittleEndian.Uint32(length[:]); int(n) != len(b) {
		return fmt.Errorf("a message of %d bytes, want %d", n, len(b))
	}
	_, err := io.ReadFull(conn, b)
	return err
}

// startTCP starts the rival's server in a process of its own and returns its address.
func startTCP(b *testing.B, model string) string {
	b.Helper()
	cmd := self(childTCP + "=" + model)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	require.NoError(b, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(b, err)
	require.NoError(b, cmd.Start())
	b.Cleanup(func() { stop(b, stdin, cmd) })
	address, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(b, err, "the TCP server says nothing")
	return address[:len(address)-1]
}

func stop(b *testing.B, stdin io.Closer, cmd *exec.Cmd) {
	_ = stdin.Close()
	late := time.AfterFunc(5*time.Second, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	assert.NoError(b, cmd.Wait(), "the TCP server")
}

// newTCPSource is the source whose rival is the TCP pair: parameter model is the path
// of the first segment, address that of the server with the second. Its results are,
// per frame, the rival's latency and time on the way in µs, then its result.
func newTCPSource(spec kernel.Spec) (kernel.Kernel, error) {
	s, err := openSession(spec.Params["model"].(string))
	if err != nil {
		return nil, err
	}
	conn, err := net.Dial("tcp", spec.Params["address"].(string))
	if err != nil {
		return nil, err
	}
	in, out := s.in[0].Data(), s.out[0].Data()
	picture := noise(int64(len(in) / 4))
	reply := make([]byte, 16+classes*4)
	rival := func(frame int64) error {
		copy(in, picture)
		start := clock.Now()
		if err := s.run(); err != nil {
			return err
		}
		sent := clock.Now()
		if err := send(conn, out); err != nil {
			return err
		}
		if err := receive(conn, reply); err != nil {
			return err
		}
		arrived, end := binary.LittleEndian.Uint64(reply), binary.LittleEndian.Uint64(reply[8:])
		values := []float32{float32(micros(int64(end) - start)), float32(micros(int64(arrived) - sent))}
		values = append(values, floats(reply[16:])...)
		spec.Record(trace.Result{Frame: frame, Values: values})
		return nil
	}
	return &source{block: 1, picture: picture, rival: rival, close: func() error {
		_ = conn.Close() // the server doesn't mind
		return s.Close()
	}}, nil
}

// openSession loads ONNX Runtime and the model at path.
func openSession(path string) (*session, error) {
	if err := loadLibrary(); err != nil {
		return nil, err
	}
	m, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return newSession(m)
}
