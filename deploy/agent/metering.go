package agent

import (
	"github.com/edgeprune/edgeprune/core/energy"
	"github.com/edgeprune/edgeprune/deploy/power"
)

// Power is how an agent measures its device's energy.
type Power struct {
	Meters    []power.Meter // read during runs, by this agent alone
	IdleWatts *float64      // before any run; nil: not measured
}

// meter begins to read the meters, before the run's start, which is at a time of the device's
// clock.
func (s *session) meter(start int64) {
	if p := s.agent.cfg.Power; p != nil {
		s.metering.Store(power.Record(p.Meters, func() int64 { return s.agent.cfg.Clock.Now() - start }))
	}
}

// endMetering ends that and keeps what was counted.
func (s *session) endMetering() {
	recording := s.metering.Load()
	if recording == nil {
		return
	}
	all := recording.Stop()
	s.energy = all.Metered(s.agent.cfg.Device, s.agent.cfg.Power.Meters)
	s.energy.IdleWatts = s.agent.cfg.Power.IdleWatts
}

// metered returns what the meters counted, by device; nil without any.
func (s *session) metered() []energy.Metered {
	if s.energy == nil {
		return nil
	}
	return []energy.Metered{*s.energy}
}
