package coordinator_test

import (
	"net"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/kernel/kerneltest"
	modelstore "github.com/edgeprune/edgeprune/deploy/models"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// leaf returns a server with a JetStream domain, and one with another that is its leaf node.
func leaf(t *testing.T) (hub, leaf *testbedtest.Broker) {
	t.Helper()
	hub = testbedtest.NewBroker(t, server.Options{JetStream: true, JetStreamDomain: "hub", ServerName: "hub",
		LeafNode: server.LeafNodeOpts{Host: "127.0.0.1", Port: server.RANDOM_PORT}})
	is, err := hub.Server().Varz(nil)
	require.NoError(t, err)
	at := &url.URL{Scheme: "nats-leaf", Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(is.LeafNode.Port))}
	leaf = testbedtest.NewBroker(t, server.Options{JetStream: true, JetStreamDomain: "leaf", ServerName: "leaf",
		LeafNode: server.LeafNodeOpts{Remotes: []*server.RemoteLeafOpts{{URLs: []*url.URL{at}}}}})
	require.Eventually(t, func() bool { return hub.Server().NumLeafNodes() == 1 && leaf.Server().NumLeafNodes() == 1 },
		20*time.Second, 5*time.Millisecond)
	return hub, leaf
}

// behindLeaf returns a coordinator of d0 at the leaf node and of d1 at the hub.
func behindLeaf(t *testing.T, hub, leaf *testbedtest.Broker, domain string) *coordinator.Driver {
	t.Helper()
	r, err := kerneltest.Registry(withModels())
	require.NoError(t, err)
	leaf.Start(agent.Config{Device: "d0", Kernels: r, State: t.TempDir(), Store: modelstore.Options{Domain: domain}})
	hub.Agent("d1", withModels())
	d := hub.Coordinate("d0", "d1")
	d.Models = times6(t)
	return d
}

// A device behind a leaf node that has a JetStream of its own gets sub-models from the hub's.
func TestDeviceBehindLeafNode(t *testing.T) {
	hub, leaf := leaf(t)
	runsWell(t, behindLeaf(t, hub, leaf, "hub"), modelAt(t, "net/double"))
}

// So does a coordinator there.
func TestCoordinatorBehindLeafNode(t *testing.T) {
	hub, leaf := leaf(t)
	hub.Agent("d0", withModels())
	hub.Agent("d1", withModels())
	d := leaf.Coordinate("d0", "d1")
	d.Models, d.Store.Domain = times6(t), "hub"
	runsWell(t, d, modelAt(t, "net/double"))
}

// Where the domain isn't given, or is a wrong one, the error says what to give.
func TestLeafNodeWithoutDomain(t *testing.T) {
	hub, leaf := leaf(t)
	d := behindLeaf(t, hub, leaf, "")
	_, err := d.Run(t.Context(), modelAt(t, "net/double"))
	require.ErrorIs(t, err, coordinator.ErrAgent)
	require.ErrorContains(t, err, "device d0: parts of the sub-model are missing or damaged in the object store "+
		"edgeprune-models: ")
	require.ErrorContains(t, err, "they are missing there although they were uploaded: if it is behind a leaf "+
		"node with a JetStream of its own, give its agent --js-domain")
	d.Store = modelstore.Options{Domain: "nowhere", Still: time.Second}
	_, err = d.Run(t.Context(), modelAt(t, "net/double"))
	require.ErrorIs(t, err, modelstore.ErrStore)
	assert.ErrorContains(t, err, `no JetStream with the domain "nowhere" can be reached from the NATS server`)
}
