package confirm

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/edgeprune/edgeprune/experiments/internal/explore/goal"
	"github.com/edgeprune/edgeprune/experiments/internal/stat"
)

// Mapping is one that is measured.
type Mapping struct {
	Name      string
	Predicted goal.Values
	// May says that it keeps the limits, as far as is predicted, so that it may be best.
	May bool
	// Run runs it once and returns what was measured.
	Run func(ctx context.Context) (goal.Values, error)
}

// Options say how it is measured. The zero value is ready for use.
type Options struct {
	Seed uint64 // of the order of runs in a round
	// Step, if not nil, is told that run n of at most total begins, of a mapping in a round.
	Step func(round int, name string, n, total int)
}

// Measured is what was found of a mapping. Its field names are part of the interface.
type Measured struct {
	Name      string        `json:"name"`
	May       bool          `json:"keeps_limits"`
	Rounds    int           `json:"rounds"`
	Predicted goal.Values   `json:"predicted"`
	Measured  []MetricValue `json:"measured"`
	Failed    string        `json:"failed,omitempty"` // why it is not measured further
}

// MetricValue is a metric over the rounds.
type MetricValue struct {
	Metric goal.Metric `json:"metric"`
	// Value is the median over the rounds with its 95 % interval.
	Value stat.Interval `json:"value"`
	// Error is (predicted - measured) / measured; nil where nothing is predicted.
	Error *float64 `json:"error,omitempty"`
	// Noise: the error is below the spread of the rounds.
	Noise bool `json:"within_noise,omitempty"`
}

// Found is what a confirmation found. Its field names are part of the interface.
type Found struct {
	Metric    goal.Metric `json:"metric"` // by which mappings are compared
	Predicted string      `json:"predicted_best"`
	Best      string      `json:"measured_best"` // "": none was measured
	Verdict   Verdict     `json:"verdict"`
	Settled   bool        `json:"settled"` // who is best
	Rounds    int         `json:"rounds"`
	// Differences are those of the others from the measured best, the nearest first.
	Differences []Difference `json:"differences"`
	Mappings    []Measured   `json:"mappings"`
	Text        string       `json:"text"` // what was found, in a sentence
}

// Run measures mappings, of which the first is the predicted best, in rounds, until it is settled
// by a metric which of those that may be is best. In every round all run, in an order that is
// drawn, so that what the machine does meets all of them; those that are clearly worse by more than
// a tenth stop. After 6, 8, 11, 15 and 20 rounds it is asked whether it is settled. A mapping whose
// run fails is left out of the next rounds. It returns the error of ctx if that ends.
func Run(ctx context.Context, list []Mapping, m goal.Metric, o Options) (*Found, error) {
	x := &rounds{list: list, metric: m, values: make([][]goal.Values, len(list)), all: make([]series, len(list)),
		failed: make([]string, len(list)), over: make([]bool, len(list)), random: rand.New(rand.NewPCG(o.Seed, 1))}
	var d decision
	made := 0
	for _, look := range looks {
		for made < look && !x.stopped() {
			if err := x.round(ctx, made+1, o); err != nil {
				return nil, err
			}
			made++
		}
		if d = x.decide(); d.settled {
			break
		}
	}
	return x.found(d, made), nil
}

// rounds are those of a confirmation.
type rounds struct {
	list   []Mapping
	metric goal.Metric
	values [][]goal.Values
	all    []series
	failed []string
	over   []bool // runs no more
	random *rand.Rand
}

func (x *rounds) round(ctx context.Context, n int, o Options) error {
	order := x.random.Perm(len(x.list))
	order = slices.DeleteFunc(order, func(i int) bool { return x.over[i] || x.failed[i] != "" })
	for k, i := range order {
		if o.Step != nil {
			o.Step(n, x.list[i].Name, (n-1)*len(order)+k+1, looks[len(looks)-1]*len(order))
		}
		v, err := x.list[i].Run(ctx)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			x.failed[i] = err.Error()
			continue
		}
		x.values[i] = append(x.values[i], v)
		value, known := v[x.metric]
		if !known {
			value = math.NaN()
		}
		x.all[i] = append(x.all[i], value)
	}
	return nil
}

// decide says what the rounds so far say, and which mappings run no more.
func (x *rounds) decide() decision {
	names, may := make([]string, len(x.list)), make([]bool, len(x.list))
	for i := range x.list {
		names[i], may[i] = x.list[i].Name, x.list[i].May && x.failed[i] == ""
	}
	d := decide(names, x.all, may, 0, x.metric)
	for _, diff := range d.differences {
		i := slices.Index(names, diff.Name)
		if diff.far() || !may[i] && diff.Share.N >= stat.MinSamples {
			x.over[i] = true
		}
	}
	return d
}

// stopped reports whether nothing is left to compare.
func (x *rounds) stopped() bool {
	for i := range x.list {
		if !x.over[i] && x.failed[i] == "" {
			return false
		}
	}
	return true
}

func (x *rounds) found(d decision, made int) *Found {
	f := &Found{
		Metric: x.metric, Predicted: x.list[0].Name, Verdict: d.verdict, Settled: d.settled, Rounds: made,
		Differences: d.differences,
	}
	if d.best >= 0 {
		f.Best = x.list[d.best].Name
	}
	for i := range x.list {
		f.Mappings = append(f.Mappings, x.measured(i))
	}
	f.Text = f.text(d)
	return f
}

// measured sums up the rounds of a mapping.
func (x *rounds) measured(i int) Measured {
	l := &x.list[i]
	out := Measured{Name: l.Name, May: l.May, Rounds: len(x.values[i]), Predicted: l.Predicted, Failed: x.failed[i]}
	if out.Rounds == 0 {
		return out
	}
	for _, m := range x.values[i][0].Sorted() {
		var samples []float64
		for _, v := range x.values[i] {
			if value, known := v[m]; known {
				samples = append(samples, value)
			}
		}
		value := MetricValue{Metric: m, Value: stat.Median(samples)}
		if p, known := l.Predicted[m]; known && value.Value.Value > 0 {
			off := (p - value.Value.Value) / value.Value.Value
			value.Error = &off
			value.Noise = math.Abs(p-value.Value.Value) < value.Value.Spread()
		}
		out.Measured = append(out.Measured, value)
	}
	return out
}

// text says what was found.
func (f *Found) text(d decision) string {
	by := fmt.Sprintf("by %s, in %d rounds", f.Metric, f.Rounds)
	next := ""
	for _, diff := range f.Differences {
		i := slices.IndexFunc(f.Mappings, func(m Measured) bool { return m.Name == diff.Name })
		if f.Mappings[i].May {
			next = fmt.Sprintf("; the next, %s, is worse by %s", diff.Name, percent(diff.Share))
			break
		}
	}
	switch f.Verdict {
	case Best:
		return fmt.Sprintf("%s was predicted best and is measured best %s%s", f.Predicted, by, next)
	case Within:
		return fmt.Sprintf("%s was predicted best and is within 2 %% of the measured best, %s, %s: worse by %s", f.Predicted,
			f.Best, by, percent(d.behind))
	case Beaten:
		return fmt.Sprintf("%s was predicted best, but %s is measured best %s: it is worse by %s", f.Predicted, f.Best, by,
			percent(d.behind))
	case Unknown:
		return fmt.Sprintf("%s was predicted best, and could not be measured", f.Predicted)
	case Open:
	}
	text := fmt.Sprintf("who is best is not settled %s: %s was predicted best", by, f.Predicted)
	if f.Best == f.Predicted {
		return text + " and is ahead" + next
	}
	return text + fmt.Sprintf(", %s is ahead, by %s", f.Best, percent(d.behind))
}
