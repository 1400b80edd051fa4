package coordinator

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/slice"
	"github.com/edgeprune/edgeprune/deploy/wire"
)

// sealedPeers returns the devices with which a device exchanges sealed tokens.
func (r *run) sealedPeers(device int) map[string]bool {
	peers := map[string]bool{}
	for i, d := range r.devices() {
		if d != device {
			continue
		}
		for _, f := range r.slices[i].FIFOs {
			if route := r.plan.Routes[f.FIFO]; f.Role != slice.Local && route >= 0 && r.plan.Platform.Links[route].Seal {
				peers[f.Peer] = true
			}
		}
	}
	return peers
}

// peerKeys returns the public keys of the devices with which a device exchanges sealed tokens;
// all devices have been claimed.
func (r *run) peerKeys(device int) map[string]string {
	keys := map[string]string{}
	for peer := range r.sealedPeers(device) {
		a := r.agents[r.plan.Platform.Device(peer)]
		a.mu.Lock()
		keys[peer] = a.seal
		a.mu.Unlock()
	}
	return keys
}

// noteKey takes the public key that a device with sealed links has told. It may not change in
// a run, as peers have it.
func (r *run) noteKey(a *agentState, reply *wire.Reply) error {
	if len(r.sealedPeers(a.device)) == 0 {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case reply.Seal == "":
		return fmt.Errorf("%w: device %s has told no key to seal tokens with: its version can't; update it, or take seal "+
			"from the links of the plan", ErrAgent, r.name(a.device))
	case a.seal != "" && a.seal != reply.Seal:
		return fmt.Errorf("%w: device %s came back with another key to seal tokens with: the folder of its state is gone",
			ErrAgent, r.name(a.device))
	}
	a.seal = reply.Seal
	return nil
}
