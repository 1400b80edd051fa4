// Package result holds what an experiment's sweep found, as plain data with
// JSON tags, and what follows from it: errors, summaries, tables. It may not
// run, time or draw anything.
package result

import (
	"math"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/device"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/stat"
)

// Baseline says which of the three baselines a case is; empty if it is a cut.
type Baseline string

// The baselines that every sweep holds.
const (
	AllOnEndpoint Baseline = "endpoint" // nothing leaves the endpoint
	RawToServer   Baseline = "raw"      // all on the server, raw input
	JPEGToServer  Baseline = "jpeg"     // all on the server, JPEG input
)

// Case is one plan of a sweep: a cut or a baseline, on an endpoint and a link.
type Case struct {
	Experiment string   `json:"experiment"`
	Endpoint   string   `json:"endpoint"`
	Link       string   `json:"link"`
	Label      string   `json:"label"` // such as "PP5 dw2" or "all on endpoint"
	Baseline   Baseline `json:"baseline,omitempty"`
	PP         int      `json:"pp"`              // partition point; -1 for none
	Param      string   `json:"param,omitempty"` // that is swept instead, as actor.param
	Value      float64  `json:"value,omitempty"` // of Param
	Cut        string   `json:"cut,omitempty"`   // name of the cut
	Codec      string   `json:"codec,omitempty"` // of the boundary; empty for none
	Group      string   `json:"group,omitempty"` // of mappings that the case belongs to
	RawFrame   bool     `json:"raw_frame"`       // sends the raw or merely normalised frame
	Slowdown   float64  `json:"slowdown"`        // of the endpoint
	Instances  int      `json:"instances"`       // of the application that run at once
}

// Stat sums up repeated measurements of one quantity, in seconds.
type Stat struct {
	Median float64 `json:"median"`
	// Low and High bound the 95 % interval of the median; with too few samples
	// for one (fewer than six) they are Min and Max.
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	Mean float64 `json:"mean"`
	P95  float64 `json:"p95"`
	P99  float64 `json:"p99"`
	Min  float64 `json:"min"`
	Max  float64 `json:"max"`
	N    int     `json:"n"` // samples
	// Rounded is by how much of its value a quantile may be off, as a fraction: 0 up to
	// 65,536 different samples, below 0.001 beyond.
	Rounded float64 `json:"rounded,omitempty"`
	Stop    string  `json:"stop,omitempty"` // why sampling stopped
	// Clock is how far off the median, and the mean, can be as the times lie on two clocks,
	// in seconds: half the interval that the messages between them leave. It is no matter of
	// chance, and not in Low and High. 0: they lie on one clock.
	Clock float64 `json:"clock_uncertainty,omitempty"`
}

// Spread returns half the width of the median's 95 % interval, in seconds.
func (s Stat) Spread() float64 { return (s.High - s.Low) / 2 }

// Interval returns the median with its 95 % interval, in s.
func (s Stat) Interval() stat.Interval {
	return stat.Interval{Value: s.Median, Low: s.Low, High: s.High, N: s.N}
}

// Rate is results per second with their 95 % interval; N counts the times between them.
type Rate struct {
	stat.Interval
	Stop  string  `json:"stop,omitempty"`              // why sampling stopped
	Clock float64 `json:"clock_uncertainty,omitempty"` // as Stat's, of results on several clocks
}

// PartKind says what a part of an outcome is.
type PartKind string

// The kinds of parts.
const (
	Segment PartKind = "segment" // an actor's firing
	Link    PartKind = "link"    // a token occupies the sender's side of a link
	OneWay  PartKind = "one-way" // a token's way from hand-over to wholly arrived
)

// Part is the time per frame of one actor or boundary FIFO.
type Part struct {
	Name string   `json:"name"`
	Kind PartKind `json:"kind"`
	// OnEndpoint says that the part counts towards the endpoint time; other parts
	// count towards the latency only.
	OnEndpoint bool `json:"on_endpoint"`
	Time       Stat `json:"time"`
}

// Outcome is what one driver found for one case, for one instance.
type Outcome struct {
	EndpointTime Stat `json:"endpoint_time"` // per frame
	Latency      Stat `json:"latency"`
	// RoundTrip is the time until the source's device knows of the result, on its own clock,
	// where the sink has another one and sends a token back; nil: it lies on one, as the
	// latency then does, or nothing comes back.
	RoundTrip     *Stat  `json:"round_trip,omitempty"`
	Throughput    Rate   `json:"throughput"`     // results at the sink in steady state
	BoundaryBytes int64  `json:"boundary_bytes"` // that the endpoint sends per frame: the median, or with Modes the mean
	Parts         []Part `json:"parts"`
	// Modes are the frames by their atr, where an application has a configuration
	// actor. Their times differ, so that the mean over all of them counts and not the
	// median. Its interval comes from the deviations within each mode (stratified
	// sampling): which frames are skipped is given, not drawn. In s.
	Modes            []Mode        `json:"modes,omitempty"`
	MeanEndpointTime stat.Interval `json:"mean_endpoint_time,omitzero"`
	MeanLatency      stat.Interval `json:"mean_latency,omitzero"`
	// Assumed says what the simulator took for want of a measurement.
	Assumed []string `json:"assumed,omitempty"`
	// Waited says of which devices firings waited for records of the run itself, which the
	// times then hold; see trace.Waited.
	Waited []string `json:"waited,omitempty"`
	// Scenario is what counts by the kind of workload; nil of kinds that are no MLPerf scenarios.
	Scenario *Scenario `json:"scenario,omitempty"`
	// Captured is what became of the frames of sources that capture them whether they can enter
	// or not.
	Captured []trace.Captured `json:"captured,omitempty"`
	// Failures is nil where nothing that the instance uses has faults.
	Failures *Failures `json:"failures,omitempty"`
	// Late is the share of the counted frames of which the latency was beyond the workload's
	// deadline; nil: there is none.
	Late *float64 `json:"late,omitempty"`
	// Energy is nil where no device of the plan has power figures, nor a meter.
	Energy *Energy `json:"energy,omitempty"`
	Origin Origin  `json:"origin,omitzero"`
}

// Mode is the frames of one atr.
type Mode struct {
	ATR          int  `json:"atr"`
	EndpointTime Stat `json:"endpoint_time"`
}

// Share returns the fraction of frames with atr > 0; 1 without modes.
func (o *Outcome) Share() float64 {
	if len(o.Modes) == 0 {
		return 1
	}
	n, all := 0, 0
	for _, m := range o.Modes {
		all += m.EndpointTime.N
		if m.ATR > 0 {
			n += m.EndpointTime.N
		}
	}
	return float64(n) / float64(all)
}

// Row is a case with what both drivers found. A nil outcome was not obtained.
type Row struct {
	Case
	// Stored, Fresh and Corrected are predictions, see Prediction.
	Stored    *Outcome           `json:"sim_stored,omitempty"`
	Fresh     *Outcome           `json:"sim_fresh,omitempty"`
	Corrected *Outcome           `json:"sim_corrected,omitempty"`
	Drift     *Drift             `json:"drift,omitempty"` // nil: not known
	Measured  *Outcome           `json:"measured,omitempty"`
	Quality   map[string]float64 `json:"quality,omitempty"` // MOTA, IDF1, accuracy: fractions
	// Leakage is the bias-corrected distance correlation of what crosses with the frames; nil: it was
	// not computed, or nothing crosses.
	Leakage *stat.Interval `json:"leakage,omitempty"`
	Equal   string         `json:"equal,omitempty"`  // against the whole model: "bit-equal", "max rel diff 3e-6"
	Failed  string         `json:"failed,omitempty"` // why a run of the case failed
	// State is that of the machine that the program ran on, before and after the measurement;
	// nil: it was not read.
	State *device.Span `json:"device_state,omitempty"`
	// States are those of the devices instead, where these are other machines: from the first run
	// of the measurement to the last.
	States []device.Of `json:"device_states,omitempty"`
}

// Error returns (simulated - measured) / measured of the endpoint time by the stored
// prediction, and false if one of them is missing.
func (r *Row) Error() (float64, bool) {
	e, _, ok := r.ErrorOf(EndpointTime, Stored)
	return e, ok
}

// WithinNoise reports whether that error is below the spread of the measurements.
func (r *Row) WithinNoise() bool {
	_, noise, _ := r.ErrorOf(EndpointTime, Stored)
	return noise
}

// PartError compares one part under both drivers.
type PartError struct {
	Part     Part // as measured
	SimTime  Stat
	Error    float64 // (simulated - measured) / measured of the part itself
	OfWhole  float64 // the same difference as a fraction of the measured endpoint time or latency
	noiseAbs float64
}

// PartErrors returns the error of every part that both drivers have and that
// took time, in the order of the measured parts.
func (r *Row) PartErrors() []PartError {
	if r.Stored == nil || r.Measured == nil {
		return nil
	}
	var errs []PartError
	for _, m := range r.Measured.Parts {
		i := slices.IndexFunc(r.Stored.Parts, func(s Part) bool { return s.Name == m.Name && s.Kind == m.Kind })
		if i < 0 || m.Time.Median <= 0 {
			continue
		}
		whole := r.Measured.Interval(Latency)
		if m.OnEndpoint {
			whole = r.Measured.Interval(EndpointTime)
		}
		s := r.Stored.Parts[i].Time
		diff, own := s.Median-m.Time.Median, m.Time.Median
		if len(r.Measured.Modes) > 0 {
			diff, own = s.Mean-m.Time.Mean, m.Time.Mean
		}
		share := 1.0 // of frames that have the part
		if n := r.Measured.Latency.N; n > m.Time.N {
			share = float64(m.Time.N) / float64(n)
		}
		errs = append(errs, PartError{
			Part: m, SimTime: s, Error: diff / own, OfWhole: share * diff / whole.Value, noiseAbs: whole.Spread() / whole.Value,
		})
	}
	return errs
}

// Cancels returns the part whose error, in seconds, most exceeds both that of
// the whole it belongs to and the whole's spread: then the whole is right only
// because errors cancel. It returns false if there is none.
func (r *Row) Cancels() (PartError, bool) {
	endpoint, ok := r.Error()
	if !ok || r.Measured.Latency.Median <= 0 {
		return PartError{}, false
	}
	latency := r.Stored.Interval(Latency).Value/r.Measured.Interval(Latency).Value - 1
	worst, found := PartError{}, false
	for _, p := range r.PartErrors() {
		whole := latency
		if p.Part.OnEndpoint {
			whole = endpoint
		}
		off := math.Abs(p.OfWhole)
		if off > math.Abs(whole) && off > p.noiseAbs && off > math.Abs(worst.OfWhole) {
			worst, found = p, true
		}
	}
	return worst, found
}

// FactorPoint is the best speed-up over all on the endpoint at one slow-down
// factor of the endpoint.
type FactorPoint struct {
	Slowdown float64 `json:"slowdown"`
	// SimSpeedup is of the stored prediction. Its interval is of costs drawn from the
	// profile's samples; N is 0 without one.
	SimSpeedup stat.Interval `json:"sim_speedup"`
	// MeasuredSpeedup is nil if it was not measured, or not settled.
	MeasuredSpeedup *stat.Interval `json:"measured_speedup,omitempty"`
	BestCut         string         `json:"best_cut"` // as simulated, or where measured as measured
}

// Sweep is all that an experiment found.
type Sweep struct {
	Experiment   string        `json:"experiment"`
	Kind         Kind          `json:"kind"`
	Machine      string        `json:"machine"`
	Date         string        `json:"date"`
	Seed         uint64        `json:"seed"`
	Emulated     bool          `json:"emulated"`           // a device was slowed or a link shaped
	Testbed      *Testbed      `json:"testbed,omitempty"`  // nil: all ran on this machine
	Gateways     []Slowed      `json:"gateways,omitempty"` // under mappings
	Parameters   []Parameter   `json:"assumed_parameters,omitempty"`
	Unverified   []string      `json:"unverified,omitempty"` // whose figures can't be vouched for, and why
	Rows         []Row         `json:"rows"`
	TwoEndpoints []Row         `json:"two_endpoints,omitempty"` // several endpoints at once; one row per endpoint
	Factors      []FactorPoint `json:"factors,omitempty"`
	Search       *Search       `json:"search,omitempty"` // nil: nothing was measured
	Swept        *Swept        `json:"swept,omitempty"`  // the parameter that takes the cut's place
}

// All returns all rows, those with several endpoints at once last.
func (s *Sweep) All() []*Row {
	all := make([]*Row, 0, len(s.Rows)+len(s.TwoEndpoints))
	for i := range s.Rows {
		all = append(all, &s.Rows[i])
	}
	for i := range s.TwoEndpoints {
		all = append(all, &s.TwoEndpoints[i])
	}
	return all
}

// Assumed returns what the simulations of the rows took for want of a measurement,
// sorted.
func (s *Sweep) Assumed() []string {
	var all []string
	for _, r := range slices.Concat(s.Rows, s.TwoEndpoints) {
		if r.Stored != nil {
			all = append(all, r.Stored.Assumed...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Waited says in which measured rows firings waited for records of the run itself.
func (s *Sweep) Waited() []string {
	var all []string
	for _, r := range s.All() {
		if r.Measured == nil {
			continue
		}
		for _, text := range r.Measured.Waited {
			all = append(all, r.Title()+": "+text)
		}
	}
	return all
}

// Throttled says during which measured rows the device slowed itself down, and by what that is
// known.
func (s *Sweep) Throttled() []string {
	var all []string
	for _, r := range s.All() {
		for _, text := range throttling(r.spans()) {
			all = append(all, r.Title()+": "+text)
		}
	}
	return all
}

// Slowed is a device between endpoint and server.
type Slowed struct {
	Device   string  `json:"device"`
	Slowdown float64 `json:"slowdown"`
}

// Swept says how the rows of a swept parameter are compared.
type Swept struct {
	Param   string  `json:"param"`   // actor.param
	Always  float64 `json:"always"`  // the value at which the dynamic part always runs
	Quality string  `json:"quality"` // that counts
	Loss    float64 `json:"loss"`    // of it, against Always, that is tolerated
}

// Group is the rows of one endpoint on one link, in the order of the sweep.
type Group struct {
	Endpoint string
	Link     string
	Rows     []*Row
}

// Groups returns the rows by endpoint and link, in order of first appearance.
func Groups(rows []Row) []Group {
	var groups []Group
	for i := range rows {
		r := &rows[i]
		g := slices.IndexFunc(groups, func(g Group) bool { return g.Endpoint == r.Endpoint && g.Link == r.Link })
		if g < 0 {
			g = len(groups)
			groups = append(groups, Group{Endpoint: r.Endpoint, Link: r.Link})
		}
		groups[g].Rows = append(groups[g].Rows, r)
	}
	return groups
}

// Name returns "endpoint, link".
func (g Group) Name() string {
	if g.Link == "" {
		return g.Endpoint
	}
	return g.Endpoint + ", " + g.Link
}

// Title names the case among all of its experiment.
func (c *Case) Title() string {
	return strings.Join(strings.Fields(strings.Join([]string{c.Endpoint, c.Link, c.Group, c.FullLabel()}, " ")), " ")
}

// FullLabel returns the label with the codec behind it, if there is one and the
// label doesn't name it already.
func (c *Case) FullLabel() string {
	if c.Codec == "" || c.Codec == "none" || c.Baseline != "" {
		return c.Label
	}
	return c.Label + " " + c.Codec
}
