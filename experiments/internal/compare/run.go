package compare

// Kind is what a run is of.
type Kind string

// The kinds of runs.
const (
	Experiment  Kind = "experiment"
	Plan        Kind = "plan"
	Study       Kind = "study"
	Exploration Kind = "exploration"
)

// text names the kind with its article.
func (k Kind) text() string {
	if k == Experiment || k == Exploration {
		return "an " + string(k)
	}
	return "a " + string(k)
}

// Source is how a value was found. Values of two sources are never compared.
type Source string

// The sources.
const (
	Measured  Source = "measured"
	Simulated Source = "simulated"
	Modelled  Source = "modelled" // an energy, from measured busy times and power figures
	Mixed     Source = "measured and modelled"
	Errors    Source = "predicted against measured" // of one run
)

// Run is what a run found.
type Run struct {
	Path    string `json:"path"`
	Kind    Kind   `json:"kind"`
	Name    string `json:"name"` // of the experiment, plan or study
	Started string `json:"started"`
	// Marks say what the values are: emulated, real, assumed, incomplete.
	Marks []string `json:"marks,omitempty"`
	// Facts are what the run was made from and by what.
	Facts []Fact `json:"-"`
	Rows  []Row  `json:"-"`
	index map[rowKey]int
}

// Fact is what is known of a run.
type Fact struct {
	What  string `json:"what"`
	Value string `json:"value"`
}

// Row is a case of a run, found in one way.
type Row struct {
	Case   string
	Found  Source
	Values []Value
}

type rowKey struct {
	found Source
	name  string
}

// add adds a value of a case, in the order of cases. A second value of a metric is left out.
func (r *Run) add(found Source, name string, v Value) {
	if r.index == nil {
		r.index = map[rowKey]int{}
	}
	k := rowKey{found, name}
	at, known := r.index[k]
	if !known {
		at = len(r.Rows)
		r.index[k] = at
		r.Rows = append(r.Rows, Row{Case: name, Found: found})
	}
	if row := &r.Rows[at]; row.value(v.Metric) == nil {
		row.Values = append(row.Values, v)
	}
}

// find returns a case; nil if there is none.
func (r *Run) find(found Source, name string) *Row {
	at, known := r.index[rowKey{found, name}]
	if !known {
		return nil
	}
	return &r.Rows[at]
}

// value returns that of a metric; nil if there is none.
func (r *Row) value(m Metric) *Value {
	for i := range r.Values {
		if r.Values[i].Metric == m {
			return &r.Values[i]
		}
	}
	return nil
}
