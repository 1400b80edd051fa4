package result

import (
	"time"

	"github.com/edgeprune/edgeprune/core/admission"
	"github.com/edgeprune/edgeprune/core/energy"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/summary"
)

// Resources are what a simulated run made of devices, links and queues, all instances together
// and from the run's start to its end, the warm-up with it.
type Resources struct {
	Seconds float64        `json:"end_s"` // of virtual time until the last firing ended
	Firings int64          `json:"firings"`
	Units   []UnitUse      `json:"units"`
	Links   []LinkUse      `json:"links,omitempty"` // by direction
	Media   []MediumUse    `json:"media,omitempty"`
	Queues  []Queue        `json:"queues,omitempty"`
	Sources []SourceQueue  `json:"sources,omitempty"` // whose frames wait
	Devices []DeviceJoules `json:"devices,omitempty"` // with power figures
}

// UnitUse is that of a processing unit.
type UnitUse struct {
	Device      string  `json:"device"`
	Unit        string  `json:"unit"`
	Lanes       int     `json:"lanes"`
	Firings     int64   `json:"firings"`
	BusySeconds float64 `json:"busy_s"` // of all lanes together
	Utilisation float64 `json:"utilisation"`
}

// LinkUse is that of one direction of a link, or of both of a half-duplex one.
type LinkUse struct {
	Link        string  `json:"link"`
	From        string  `json:"from"`
	To          string  `json:"to"`
	HalfDuplex  bool    `json:"half_duplex,omitempty"`
	Tokens      int64   `json:"tokens"`
	Bytes       int64   `json:"bytes"`
	LostTokens  int64   `json:"lost_tokens,omitempty"` // that a fault kept from arriving
	BusySeconds float64 `json:"busy_s"`
	Utilisation float64 `json:"utilisation"`
	QueueMean   float64 `json:"queue_mean"` // tokens that waited for it
	QueueMax    int     `json:"queue_max"`
}

// MediumUse is that of what links share.
type MediumUse struct {
	Medium        string  `json:"medium"`
	Tokens        int64   `json:"tokens"` // that have crossed
	BusySeconds   float64 `json:"busy_s"` // that they take at its capacity
	ActiveSeconds float64 `json:"active_s"`
	Utilisation   float64 `json:"utilisation"`
	Crossing      float64 `json:"crossing_mean"` // tokens that crossed at a time
}

// Queue is the tokens that waited in a FIFO for its consumer.
type Queue struct {
	FIFO string   `json:"fifo"`
	Mean *float64 `json:"queue_mean"` // null: not known
	Max  *int     `json:"queue_max"`  // null: not known
}

// SourceQueue is the frames that waited for a source.
type SourceQueue struct {
	Source   string            `json:"source"`
	Instance string            `json:"instance,omitempty"`
	Mean     float64           `json:"queue_mean"`
	Max      int               `json:"queue_max"`
	Counts   *admission.Counts `json:"counts,omitempty"` // where frames may be dropped
}

// DeviceJoules is the energy of a device by what it did.
type DeviceJoules struct {
	Device  string         `json:"device"`
	Joules  *float64       `json:"joules"` // null: not known, see Missing
	States  *energy.States `json:"by_state,omitempty"`
	Basis   string         `json:"basis,omitempty"`
	Missing string         `json:"missing,omitempty"`
}

// ResourcesOf returns those of a run of p.
func ResourcesOf(p *plan.Plan, s *summary.Run) *Resources {
	r := &Resources{Seconds: s.End.Seconds(), Firings: s.Firings}
	for i := range s.Units {
		u := &s.Units[i]
		r.Units = append(r.Units, UnitUse{
			Device: u.Device, Unit: u.Unit, Lanes: u.Lanes, Firings: u.Firings, BusySeconds: u.Busy.Seconds(),
			Utilisation: u.Utilisation,
		})
	}
	for i := range s.Links {
		l := &s.Links[i]
		r.Links = append(r.Links, LinkUse{
			Link: l.Link, From: l.From, To: l.To, HalfDuplex: l.Half, Tokens: l.Tokens, Bytes: l.Bytes,
			LostTokens: l.LostTokens, BusySeconds: l.Busy.Seconds(), Utilisation: l.Utilisation, QueueMean: l.Queue,
			QueueMax: l.Most,
		})
	}
	for i := range s.Media {
		m := &s.Media[i]
		r.Media = append(r.Media, MediumUse{
			Medium: m.Medium, Tokens: m.Tokens, BusySeconds: m.Busy.Seconds(), ActiveSeconds: m.Active.Seconds(),
			Utilisation: m.Utilisation, Crossing: m.Crossing,
		})
	}
	for i := range s.FIFOs {
		f := &s.FIFOs[i]
		r.Queues = append(r.Queues, Queue{FIFO: p.Graph.FIFOName(f.FIFO), Mean: f.Queue, Max: f.Most})
	}
	for i := range s.Sources {
		w := &s.Sources[i]
		q := SourceQueue{Source: w.Name, Instance: p.Work[w.Actor].Instance, Mean: w.Queue, Max: w.Most}
		if w.Counts != nil {
			q.Counts = &w.Counts.Counts
		}
		r.Sources = append(r.Sources, q)
	}
	for i := range s.Devices {
		if d := &s.Devices[i]; d.Energy != nil || d.Missing != "" {
			of := DeviceJoules{Device: d.Device, States: d.Energy, Basis: d.Basis, Missing: d.Missing}
			if d.Energy != nil {
				joules := d.Energy.Total()
				of.Joules = &joules
			}
			r.Devices = append(r.Devices, of)
		}
	}
	return r
}

// Dropped returns the share of the captured frames that were dropped; ok is false where none
// may be.
func (r *Resources) Dropped() (share float64, ok bool) {
	captured, dropped := int64(0), int64(0)
	for _, s := range r.Sources {
		if s.Counts != nil {
			captured += s.Counts.Captured
			dropped += s.Counts.Dropped
		}
	}
	if captured == 0 {
		return 0, false
	}
	return float64(dropped) / float64(captured), true
}

func (r *Resources) duration() time.Duration { return ofSeconds(r.Seconds) }
