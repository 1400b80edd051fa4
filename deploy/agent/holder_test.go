package agent_test

import (
	"encoding/json"
	"path/filepath"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/journal"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/kerneltest"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// short is a lease of tests.
const short = 200 * time.Millisecond

// leased starts one agent, d0, with short leases, and returns its state folder.
func leased(t *testing.T, kernels map[string]kernel.New) (nc *nats.Conn, state string) {
	t.Helper()
	b := testbedtest.NewBroker(t, server.Options{})
	r, err := kerneltest.Registry(kernels)
	require.NoError(t, err)
	state = t.TempDir()
	b.Start(agent.Config{Device: "d0", Kernels: r, State: state, Lease: short})
	return b.Coordinate("d0").Conn, state
}

func journals(t *testing.T, state string) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(state, "d0", "*"+journal.Suffix))
	require.NoError(t, err)
	return list
}

const owned = `"owner":{"coordinator":"c","host":"h","user":"u","pid":7,"id":"i"}`

// idle waits until the agent has no run.
func idle(t *testing.T, nc *nats.Conn) {
	t.Helper()
	require.Eventually(t, func() bool {
		s := ask(t, nc, wire.Status, "").Status
		return s.Run == "" && s.Held == nil
	}, 20*time.Second, 10*time.Millisecond)
}

// A run whose owner is silent is ended, and leaves nothing.
func TestSilentOwner(t *testing.T) {
	nc, state := leased(t, nil)
	beats, err := nc.SubscribeSync(wire.AliveSubject("d0"))
	require.NoError(t, err)
	load := `"device":0,"recover":true,` + owned + `,"plan":` + onDevice(t, "d0") + `}`
	require.Empty(t, ask(t, nc, wire.Load, `{"run":"q","patience_ns":3600000000000,`+load).Error)
	require.Len(t, journals(t, state), 1)
	require.Empty(t, ask(t, nc, wire.Load, `{"run":"r",`+load).Error)
	idle(t, nc)
	require.Eventually(t, func() bool { return len(journals(t, state)) == 0 }, 20*time.Second, 10*time.Millisecond)
	for {
		msg, err := beats.NextMsg(10 * time.Second)
		require.NoError(t, err)
		var alive wire.Alive
		require.NoError(t, json.Unmarshal(msg.Data, &alive))
		if alive.Ended == nil {
			continue
		}
		assert.Equal(t, "r", alive.Ended.Run)
		assert.Equal(t, "its owner, coordinator c (user u on host h, process 7), has been silent for more than 200ms, "+
			"its lease", alive.Ended.Why)
		assert.Nil(t, alive.Ended.By)
		break
	}
	assert.True(t, ask(t, nc, wire.Start, `{"run":"r"}`).NotLoaded)
}

// Orders keep a lease, and so do renewals and receipts of records.
func TestOwnerWhoIsHeard(t *testing.T) {
	nc, _ := leased(t, nil)
	load := `{"run":"r","device":0,"recover":true,` + owned + `,"plan":` + onDevice(t, "d0") + `}`
	for _, say := range []func(){
		func() { ask(t, nc, wire.Start, `{"run":"r"}`) },
		func() { assert.NoError(t, nc.Publish(wire.LeaseSubject("c", "d0", "r"), nil)) },
		func() { assert.NoError(t, nc.Publish(wire.ReceivedSubject("c", "d0", "r"), []byte(`{}`))) },
		func() { assert.Empty(t, ask(t, nc, wire.Claim, `{"run":"r",`+owned+`}`).Error) },
	} {
		kept := false
		for n := 0; !kept && n < 20; n++ { // under load, the test itself may be silent for too long
			require.Empty(t, ask(t, nc, wire.Load, load).Error)
			for begin := time.Now(); time.Since(begin) < 4*short; time.Sleep(short / 20) {
				say()
			}
			kept = ask(t, nc, wire.Status, "").Status.Run == "r"
		}
		assert.True(t, kept)
		idle(t, nc)
	}
}

// Patience lengthens a lease.
func TestSilentOwnerWithPatience(t *testing.T) {
	nc, _ := leased(t, nil)
	load := `{"run":"r","device":0,"patience_ns":3600000000000,` + owned + `,"plan":` + onDevice(t, "d0") + `}`
	require.Empty(t, ask(t, nc, wire.Load, load).Error)
	time.Sleep(5 * short)
	assert.Equal(t, "r", ask(t, nc, wire.Status, "").Status.Run)
}

// What an owner holds it gives back; others can't give it back.
func TestClaims(t *testing.T) {
	nc, _ := leased(t, nil)
	const other = `"owner":{"coordinator":"c2","host":"h2","user":"u2","pid":8,"id":"i2"}`
	claim := func(data string) wire.Reply { return ask(t, nc, wire.Claim, data) }
	long := `"patience_ns":3600000000000,`
	r := claim(`{"run":"r",` + long + owned + `}`)
	require.Empty(t, r.Error)
	assert.EqualValues(t, short, r.LeaseNs)
	held := ask(t, nc, wire.Status, "").Status.Held
	require.NotNil(t, held)
	r = claim(`{"run":"q",` + other + `}`)
	assert.Equal(t, "device d0 is "+held.String(), r.Error)
	assert.Contains(t, r.Error, "d0 is held by coordinator c (user u on host h, process 7) for run r since 20")
	assert.Equal(t, held, r.Held)
	load := `{"run":"q","device":0,` + other + `,"plan":` + onDevice(t, "d0") + `}`
	assert.Equal(t, held, ask(t, nc, wire.Load, load).Held, "a load claims, too")
	require.Empty(t, claim(`{"run":"r","release":true,`+other+`}`).Error)
	require.Empty(t, claim(`{"run":"q","release":true,`+owned+`}`).Error)
	assert.Equal(t, held, ask(t, nc, wire.Status, "").Status.Held, "given back by another, or for another run")
	require.Empty(t, claim(`{"run":"r","release":true,`+owned+`}`).Error)
	assert.Nil(t, ask(t, nc, wire.Status, "").Status.Held)
	require.Empty(t, claim(`{"run":"q",`+long+other+`}`).Error)
	require.Empty(t, claim(`{"run":"r","take":true,`+long+owned+`}`).Error)
	assert.Equal(t, "r", ask(t, nc, wire.Status, "").Status.Held.Run)
}

// A claim is answered, and a taken run ends, while kernels are being made, which may take
// minutes.
func TestClaimsDuringALoad(t *testing.T) {
	making, release := make(chan struct{}, 10), make(chan struct{})
	nc, state := leased(t, map[string]kernel.New{"minutes": func(kernel.Spec) (kernel.Kernel, error) {
		making <- struct{}{}
		<-release
		return kerneltest.Func(func(*kernel.Firing) error { return nil }), nil
	}})
	load := `{"run":"r","device":0,"recover":true,"patience_ns":3600000000000,` + owned + `,"plan":` +
		onDevice(t, "d0", "minutes") + `}`
	answer, err := nc.SubscribeSync("_INBOX.answer")
	require.NoError(t, err)
	subject := wire.OrderSubject("c", "d0", wire.Load)
	require.NoError(t, nc.PublishRequest(subject, "_INBOX.answer", []byte(versioned(load))))
	<-making
	s := ask(t, nc, wire.Status, "").Status
	require.NotNil(t, s.Held)
	assert.Equal(t, "r", s.Held.Run)
	r := ask(t, nc, wire.Claim, `{"run":"q","take":true,"patience_ns":3600000000000,"owner":{"id":"other"}}`)
	require.Empty(t, r.Error)
	close(release)
	_, err = answer.NextMsg(10 * time.Second)
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		s := ask(t, nc, wire.Status, "").Status
		return s.Run == "" && s.Held.Run == "q"
	}, 20*time.Second, 10*time.Millisecond)
	require.Eventually(t, func() bool { return len(journals(t, state)) == 0 }, 20*time.Second, 10*time.Millisecond)
}
