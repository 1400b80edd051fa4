package analysis

// Report is what is known of a graph before it runs. Actors and FIFOs are named
// as in the graph. Best and worst are taken over the atr of every dynamic part:
// lrl at best, url at worst, and over the costs' bounds.
type Report struct {
	Graph    string    `json:"graph"`
	Actors   int       `json:"actors"`
	Schedule []Step    `json:"schedule"`
	Parts    []Part    `json:"dynamic_parts"`
	FIFOs    []Bound   `json:"fifos"`
	Devices  []Memory  `json:"devices"` // without a mapping, one that has no name
	Links    []Traffic `json:"links"`
	Units    []Work    `json:"units"`
	Missing  []string  `json:"costs_missing"` // actors whose cost is not known; flows then have no times
	Flows    []Flow    `json:"flows"`
}

// Step is one firing of the schedule of an iteration.
type Step struct {
	Actor  string `json:"actor"`
	OnlyIf int    `json:"only_if_atr_of"` // the part whose atr must be above 0 for the firing to happen; -1: always
}

// Part is a dynamic processing graph.
type Part struct {
	Config  string   `json:"configuration"`
	Entries []string `json:"entries"`
	Inner   []string `json:"inner"`
	Exits   []string `json:"exits"`
	LRL     int      `json:"lrl"`
	URL     int      `json:"url"`
}

// Bound is what a FIFO holds at most.
type Bound struct {
	FIFO     string `json:"fifo"`
	LRL      int    `json:"lrl"`
	URL      int    `json:"url"`
	Delay    int    `json:"delay_tokens"`
	Capacity int    `json:"capacity_tokens"`
	Bytes    int64  `json:"bytes"`
	Link     string `json:"link,omitempty"`
	// Variable is the type of tensors whose shape depends on the data; Bytes is what
	// the greatest take.
	Variable string `json:"variable,omitempty"`
}

// Memory is what the tokens of a device need at most: a FIFO that crosses
// devices has a half of its whole capacity on each.
type Memory struct {
	Device    string `json:"device"`
	FIFOBytes int64  `json:"fifo_bytes"`
}

// Traffic is the payload that crosses a link in one iteration, both directions
// together. At best an opaque token is empty; at worst it has its bound.
type Traffic struct {
	Link  string `json:"link"`
	Best  int64  `json:"best_bytes"`
	Worst int64  `json:"worst_bytes"`
}

// Work is what a unit does in one iteration. Times count only if Timed.
type Work struct {
	Device       string `json:"device"`
	Unit         string `json:"unit"`
	Lanes        int    `json:"lanes"`
	Actors       int    `json:"actors"`
	BestFirings  int    `json:"best_firings"`
	WorstFirings int    `json:"worst_firings"`
	Timed        bool   `json:"timed"`
	Best         int64  `json:"best_ns"`
	Worst        int64  `json:"worst_ns"`
}

// Flow is a connected part of the graph, all of whose actors fire equally often:
// an instance of an application.
type Flow struct {
	First      string     `json:"first_actor"`
	Actors     int        `json:"actors"`
	Timed      bool       `json:"timed"` // all costs are known; else nothing below is
	BestPath   Path       `json:"best_critical_path"`
	WorstPath  Path       `json:"worst_critical_path"`
	Best       Throughput `json:"best_throughput"`
	Worst      Throughput `json:"worst_throughput"`
	Most       Throughput `json:"unbounded_throughput"` // worst case with unbounded FIFOs
	Capacities []Enough   `json:"sufficient_capacities"`
	Cut        bool       `json:"capacities_cut"` // the search was ended: they suffice, but some could be lower
}

// Path is the critical path of one iteration.
type Path struct {
	Time  int64   `json:"ns"`
	Steps []Stage `json:"steps"`
}

// Stage is a firing, or a crossing of a link, on the critical path.
type Stage struct {
	Actor string `json:"actor,omitempty"`
	FIFO  string `json:"fifo,omitempty"` // of a crossing
	Start int64  `json:"start_ns"`
	End   int64  `json:"end_ns"`
}

// Throughput is the highest long-run rate of iterations.
type Throughput struct {
	Period    float64 `json:"period_ns"`  // per iteration
	PerSecond float64 `json:"per_second"` // 0 if the period is 0: nothing limits it
	Limit     Limit   `json:"limit"`
	On        []Hop   `json:"bottleneck"` // the critical cycle in order, or the unit, link or medium whose load it is
	Exact     bool    `json:"exact"`      // with constant costs it is reached; else it is an upper bound
	Why       string  `json:"why_not_exact,omitempty"`
}

// Limit says what limits a throughput.
type Limit string

// The limits of throughput.
const (
	ByCycle Limit = "cycle" // of waiting actors
	ByUnit  Limit = "unit"  // the work on a processing unit
	ByLink  Limit = "link"  // the tokens on a direction of a link
	ByNone  Limit = "none"  // nothing takes time

	ByMedium Limit = "medium" // the tokens on a medium, of all links on it
)

// Hop is one place of a bottleneck: an actor or a crossing of a link, and the
// FIFO along which the next waits for it.
type Hop struct {
	Name string `json:"name"`
	FIFO string `json:"fifo,omitempty"`
	Room bool   `json:"room"` // the next waits for room in the FIFO, not for tokens
}

// Enough is the capacity of a FIFO that suffices for the throughput that
// unbounded FIFOs would have.
type Enough struct {
	FIFO   string `json:"fifo"`
	Given  int    `json:"given_tokens"`
	Enough int    `json:"enough_tokens"`
}
