package agent

import (
	"github.com/edgeprune/edgeprune/deploy/probe"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
)

// answerProbe answers a probe of the agent's clock, whose times it reads as close to the
// message and its answer as it can.
func (a *Agent) answerProbe(msg *nats.Msg) {
	p := wire.Probe{Taken: a.cfg.Clock.Now(), Clock: a.cfg.Clock.ID()}
	if !a.answersTo("probe", msg.Subject, msg.Reply) {
		return
	}
	p.Answered = a.cfg.Clock.Now()
	_ = msg.Respond(p.Append(nil)) // without an answer there is another probe
}

// probe records probes of the clocks of devices, as long as the run is loaded.
func (s *session) probe(devices []string) {
	a := probe.Asker{Name: s.agent.cfg.Device, Conn: s.agent.nc, Clock: s.agent.cfg.Clock}
	for _, device := range devices {
		index := int32(s.plan.Platform.Device(device))
		s.wg.Go(func() {
			a.Run(s.ctx, device, func(p probe.Sample) {
				s.node.Record(wire.Record{
					Kind: wire.Probed, Index: index, Start: p.Sent, End: p.Back, Frame: p.Taken, Value: p.Answered,
				})
			})
		})
	}
}
