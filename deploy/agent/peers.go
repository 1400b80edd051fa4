package agent

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
)

// listen tells the node when a peer is lost, and when it is found again. Any message of the
// run shows that the peer lives.
func (s *session) listen(peer string) error {
	index := slices.Index(s.node.Slice().Peers(), peer)
	if index < 0 {
		return fmt.Errorf("%w: a fallback for the loss of %s, which is no peer", ErrConfig, peer)
	}
	heard := &s.heardPeer[index]
	heard.Store(clock.Now())
	take := func(msg *nats.Msg) {
		var a wire.Alive
		if json.Unmarshal(msg.Data, &a) != nil {
			s.agent.rejected.Add("alive"+wire.Malformed, 1)
		} else if a.Run == s.run {
			heard.Store(clock.Now())
		}
	}
	if err := s.subscribe(listener{s.agent.nc, wire.AliveSubject(peer), take, "alive", waitingNews}); err != nil {
		return err
	}
	s.wg.Go(func() {
		tick := time.NewTicker(aliveEvery / 4)
		defer tick.Stop()
		lost := false
		for {
			select {
			case <-tick.C:
			case <-s.ctx.Done():
				return
			}
			silent := clock.Now()-heard.Load() > int64(plan.Detection)
			switch {
			case silent && !lost:
				_ = s.node.Lost(index) // the node fails by itself
			case lost && !silent:
				_ = s.node.Found(index) // the node fails by itself
			}
			lost = silent
		}
	})
	return nil
}
