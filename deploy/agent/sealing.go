package agent

import (
	"fmt"
	"path/filepath"
	"sync"

	"github.com/edgeprune/edgeprune/core/slice"
	"github.com/edgeprune/edgeprune/deploy/seal"
)

// sealKeyFile is what the key that tokens are sealed with is called below Config.State.
const sealKeyFile = "seal.nkey"

// sealing is the key that the agent seals tokens with, once it was asked for.
type sealing struct {
	mu  sync.Mutex
	key *seal.Key
}

// sealKey returns the agent's key. It outlives the process if the agent has a folder for its
// state, as peers have it for as long as a run goes on.
func (a *Agent) sealKey() (*seal.Key, error) {
	k := &a.sealing
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.key != nil {
		return k.key, nil
	}
	var err error
	if a.cfg.State != "" {
		k.key, err = seal.Keep(filepath.Join(a.cfg.State, a.cfg.Device, sealKeyFile))
	} else {
		k.key, err = seal.NewKey()
	}
	if err != nil {
		return nil, fmt.Errorf("device %s: %w", a.cfg.Device, err)
	}
	return k.key, nil
}

// makeBoxes makes what seals and opens the tokens of each peer over a sealed link, whose
// public keys are given by device.
func (s *session) makeBoxes(keys map[string]string) error {
	s.boxes = map[string]*seal.Box{}
	for _, f := range s.node.Slice().FIFOs {
		l := s.link(f)
		if f.Role == slice.Local || l == nil || !l.Seal || s.boxes[f.Peer] != nil {
			continue
		}
		public := keys[f.Peer]
		if public == "" {
			return fmt.Errorf("%w: link %s is sealed, but the coordinator has sent no key of device %s", ErrConfig, l.Name,
				f.Peer)
		}
		own, err := s.agent.sealKey()
		if err != nil {
			return err
		}
		if s.boxes[f.Peer], err = own.With(public); err != nil {
			return fmt.Errorf("device %s: %w", f.Peer, err)
		}
	}
	return nil
}

// box returns what seals the tokens of a FIFO, nil if they are not sealed.
func (s *session) box(f slice.FIFO) *seal.Box {
	if l := s.link(f); l == nil || !l.Seal {
		return nil
	}
	return s.boxes[f.Peer]
}
