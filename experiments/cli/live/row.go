package live

import (
	"github.com/edgeprune/edgeprune/core/device"
	"github.com/edgeprune/edgeprune/deploy/wire"
)

// RowOf returns a device's row by its last answer, with the rates since the one before, which may
// be nil.
func RowOf(before, now Reading) Row {
	s := now.Status
	if s == nil {
		return Row{Device: now.Device, Error: now.Error}
	}
	r := Row{Device: now.Device, State: s.State, Run: s.Run, Frames: s.Frames, Total: s.Total, Failed: s.Failed,
		Waits: s.Waits, Rates: RatesOf(before.Status, s), Seconds: between(before.Status, s)}
	if s.Held != nil {
		r.Owner = s.Held.Owner.Coordinator
	}
	if s.Detail == nil {
		return r
	}
	if state := s.Detail.State; state != nil {
		r.state(state)
	}
	if now := s.Detail.Work; now != nil {
		seconds, earlier := 0., &wire.Work{}
		if b := before.Status; b != nil && b.Run == s.Run && b.Detail != nil && b.Detail.Work != nil {
			seconds, earlier = between(b, s), b.Detail.Work
		}
		r.work(earlier, now, seconds)
	}
	return r
}

func (r *Row) state(s *device.State) {
	span := device.Span{After: *s}
	if z, ok := span.Hottest(); ok {
		r.Hottest = &Zone{z.Name, z.Celsius}
	}
	r.PowerMode, r.Throttled = s.PowerMode, span.Throttling()
}

// work fills in what a device has done in a run. Units and links of a run keep their places.
func (r *Row) work(before, now *wire.Work, seconds float64) {
	r.Role = now.Role
	lanes := 0
	for i, u := range now.Units {
		unit := Unit{Name: u.Name, Provider: u.Provider, Lanes: u.Lanes}
		if i < len(before.Units) && u.Lanes > 0 {
			unit.Busy = rate(before.Units[i].BusyNs, u.BusyNs, seconds*1e9*float64(u.Lanes))
		}
		r.Units = append(r.Units, unit)
		lanes += u.Lanes
	}
	for i, l := range now.Links {
		link := Link{Name: l.Name, Peer: l.Peer, ResentTokens: l.ResentTokens, CapacityBytesPerSec: l.BytesPerSec,
			Shaped: l.Shaped}
		if i < len(before.Links) {
			b := &before.Links[i]
			link.Busy = rate(b.BusyNs, l.BusyNs, seconds*1e9)
			link.SentBytesPerSec = rate(b.SentBytes, l.SentBytes, seconds)
			link.ReceivedBytesPerSec = rate(b.ReceivedBytes, l.ReceivedBytes, seconds)
		}
		r.Links = append(r.Links, link)
	}
	for _, f := range now.FIFOs {
		r.FIFOs = append(r.FIFOs, FIFO{f.Name, f.Peer, f.Sends, f.Tokens, f.Capacity})
	}
	r.RecordWait = rate(before.WaitedNs, now.WaitedNs, seconds*1e9*float64(lanes))
	if e := now.Energy; e != nil {
		r.Joules = &e.Joules
		if b := before.Energy; b != nil && e.CoveredNs > b.CoveredNs {
			watts := (e.Joules - b.Joules) / (float64(e.CoveredNs-b.CoveredNs) / 1e9)
			r.Watts = &watts
		}
	}
}

// rate returns by how much a count has grown in each of so many; nil: that is not known.
func rate(before, now int64, per float64) *float64 {
	if per <= 0 || now < before {
		return nil
	}
	v := float64(now-before) / per
	return &v
}

// Screen is a testbed at one time. It is what edgeprune top prints in JSON.
type Screen struct {
	Devices     []Row    `json:"devices"`
	Bottlenecks []string `json:"bottlenecks"` // what bounds each run that goes on, in words
}

// ScreenOf returns the screen of the last answers of devices, with rates since those before, which are
// found by the device's name.
func ScreenOf(before, now []Reading) Screen {
	earlier := map[string]Reading{}
	for _, r := range before {
		earlier[r.Device] = r
	}
	s := Screen{Devices: []Row{}, Bottlenecks: []string{}}
	for _, r := range now {
		s.Devices = append(s.Devices, RowOf(earlier[r.Device], r))
	}
	s.Bottlenecks = append(s.Bottlenecks, Bottlenecks(s.Devices)...)
	return s
}
