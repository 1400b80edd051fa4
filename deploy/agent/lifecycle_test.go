package agent_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/kerneltest"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// farewell waits for the last heartbeat of an agent.
func farewell(t *testing.T, beats *nats.Subscription) wire.Alive {
	t.Helper()
	for {
		msg, err := beats.NextMsg(10 * time.Second)
		require.NoError(t, err)
		var alive wire.Alive
		require.NoError(t, json.Unmarshal(msg.Data, &alive))
		if alive.Goodbye != "" {
			return alive
		}
	}
}

// An agent that is stopped says so.
func TestGoodbye(t *testing.T) {
	b := testbedtest.NewBroker(t, server.Options{})
	nc := b.Coordinate().Conn
	beats, err := nc.SubscribeSync(wire.AliveSubject("d0"))
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- agent.Run(ctx, agent.Config{Device: "d0", URL: b.Server().ClientURL(), StopLimit: -1})
	}()
	b.Coordinate("d0")
	require.Empty(t, ask(t, nc, wire.Load, `{"run":"r","device":0,`+owned+`,"plan":`+onDevice(t, "d0")+`}`).Error)
	cancel()
	require.NoError(t, <-ended)
	alive := farewell(t, beats)
	host, _ := os.Hostname()
	assert.Equal(t, "its agent, process "+strconv.Itoa(os.Getpid())+" on host "+host+", was stopped", alive.Goodbye)
	assert.Equal(t, "r", alive.Run)
}

// A kernel that waits for what never comes while it is made is given up when the agent is stopped.
func TestStopWhileAKernelIsMade(t *testing.T) {
	b := testbedtest.NewBroker(t, server.Options{})
	making := make(chan struct{})
	r, err := kerneltest.Registry(map[string]kernel.New{"waits": func(s kernel.Spec) (kernel.Kernel, error) {
		close(making)
		<-s.Context.Done()
		return nil, kernel.ErrSource
	}})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- agent.Run(ctx, agent.Config{Device: "d0", URL: b.Server().ClientURL(), Kernels: r, StopLimit: -1})
	}()
	nc := b.Coordinate("d0").Conn
	load := versioned(`{"run":"r","device":0,` + owned + `,"plan":` + onDevice(t, "d0", "waits") + `}`)
	require.NoError(t, nc.PublishRequest(wire.OrderSubject("c", "d0", wire.Load), nc.NewRespInbox(), []byte(load)))
	require.NoError(t, nc.Flush())
	select {
	case <-making:
	case <-time.After(20 * time.Second):
		require.Fail(t, "no kernel is made")
	}
	cancel()
	select {
	case err := <-ended:
		require.NoError(t, err)
	case <-time.After(20 * time.Second):
		require.Fail(t, "it goes on")
	}
}

// An agent that is stopped ends also when a kernel doesn't.
func TestStopWhileAKernelIsBusy(t *testing.T) {
	b := testbedtest.NewBroker(t, server.Options{})
	firing, release := make(chan struct{}, 10), make(chan struct{})
	r, err := kerneltest.Registry(map[string]kernel.New{"busy": func(kernel.Spec) (kernel.Kernel, error) {
		return kerneltest.Func(func(*kernel.Firing) error {
			firing <- struct{}{}
			<-release
			return nil
		}), nil
	}})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- agent.Run(ctx, agent.Config{Device: "d0", URL: b.Server().ClientURL(), Kernels: r,
			StopLimit: 100 * time.Millisecond})
	}()
	nc := b.Coordinate("d0").Conn
	plan := onDevice(t, "d0", "busy")
	require.Empty(t, ask(t, nc, wire.Load, `{"run":"r","device":0,`+owned+`,"plan":`+plan+`}`).Error)
	require.Empty(t, ask(t, nc, wire.Start, `{"run":"r"}`).Error)
	<-firing
	cancel()
	select {
	case err := <-ended:
		require.ErrorIs(t, err, agent.ErrBusy)
		assert.EqualError(t, err, "agent: what was at work when it was to stop did not end: it was left behind after 100ms")
	case <-time.After(20 * time.Second):
		require.Fail(t, "it goes on")
	}
	close(release)
}

// lines is a log that is written by several goroutines.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// An agent logs what it does, and no secret.
func TestLog(t *testing.T) {
	b := testbedtest.NewBroker(t, server.Options{Users: []*server.User{
		{Username: "d0"}, {Username: testbedtest.Coordinator},
	}})
	log := &lines{}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	url := strings.Replace(b.Server().ClientURL(), "nats://", "nats://d0:d0@", 1)
	go func() {
		ended <- agent.Run(ctx, agent.Config{Device: "d0", URL: url, StopLimit: -1, Version: "v7",
			Log: slog.New(slog.NewTextHandler(log, nil))})
	}()
	nc := b.Coordinate("d0").Conn
	load := `{"run":"r","device":0,"patience_ns":3600000000000,` + owned + `,"plan":` + onDevice(t, "d0") + `}`
	require.Empty(t, ask(t, nc, wire.Load, load).Error)
	require.Empty(t, ask(t, nc, wire.Start, `{"run":"r"}`).Error)
	require.Empty(t, ask(t, nc, wire.Finish, `{"run":"r"}`).Error)
	require.NotEmpty(t, ask(t, nc, wire.Load, `{"run":"q",`+owned+`,"plan":{}}`).Error)
	require.Empty(t, ask(t, nc, wire.Claim, `{"run":"r2","take":true,"owner":{"id":"x"}}`).Error)
	require.Empty(t, ask(t, nc, wire.Claim, `{"run":"r2","release":true,"owner":{"id":"x"}}`).Error)
	cancel()
	require.NoError(t, <-ended)
	at := 0
	for _, want := range []string{
		"msg=started device=d0 version=v7", "msg=connected device=d0 server=nats://d0:xxxxx@127.0.0.1:",
		`msg=claimed device=d0 run=r owner="coordinator c (user u on host h, process 7)"`,
		"msg=loading device=d0 run=r coordinator=c", "msg=loaded device=d0 run=r plan=p seconds=",
		"msg=finished device=d0 run=r", "level=WARN msg=refused device=d0 order=load coordinator=c error=",
		"level=WARN msg=taken device=d0 run=r2", "msg=released device=d0 run=r2", "msg=stopping", "msg=stopped",
	} {
		found := strings.Index(log.String()[at:], want)
		require.GreaterOrEqual(t, found, 0, "%s is not in, or not at its place:\n%s", want, log)
		at += found
	}
	assert.NotContains(t, log.String(), "d0:d0")
}
