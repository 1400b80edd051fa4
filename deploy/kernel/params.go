package kernel

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/edgeprune/edgeprune/core/nearest"
)

// Parameters reads the parameters of an actor and gathers what is wrong with them. Every
// method names a parameter that the kernel knows; Done reports the others.
type Parameters struct {
	values map[string]any
	known  []string
	errs   []string
}

// Parameters returns a reader of the actor's parameters.
func (s Spec) Parameters() *Parameters { return &Parameters{values: s.Params} }

// Value returns a parameter as it was read from YAML or JSON, and whether it is given.
func (p *Parameters) Value(key string) (any, bool) {
	p.known = append(p.known, key)
	v, ok := p.values[key]
	return v, ok
}

// Failf adds something that is wrong with the parameters.
func (p *Parameters) Failf(format string, args ...any) {
	p.errs = append(p.errs, fmt.Sprintf(format, args...))
}

// Float returns a number from lo to hi; def, unchecked, if it is not given.
func (p *Parameters) Float(key string, def, lo, hi float64) float64 {
	v, ok := p.Value(key)
	if !ok {
		return def
	}
	f, ok := number(v)
	if !ok || !(f >= lo && f <= hi) {
		p.Failf("%s is %v; expected a number from %v to %v", key, v, lo, hi)
		return def
	}
	return f
}

// Integer returns a whole number from lo to hi; def, unchecked, if it is not given.
func (p *Parameters) Integer(key string, def, lo, hi int) int {
	v, ok := p.Value(key)
	if !ok {
		return def
	}
	f, ok := number(v)
	if !ok || f != math.Trunc(f) || f < float64(lo) || f > float64(hi) {
		p.Failf("%s is %v; expected a whole number from %d to %d", key, v, lo, hi)
		return def
	}
	return int(f)
}

// Text returns a string that is not empty; "" if it is not given.
func (p *Parameters) Text(key string) string {
	v, ok := p.Value(key)
	if !ok {
		return ""
	}
	s, ok := v.(string)
	if !ok || s == "" {
		p.Failf("%s is %v; expected a string", key, v)
	}
	return s
}

// Duration returns a time such as 500ms or 10s, of at least 0; def if it is not given.
func (p *Parameters) Duration(key string, def time.Duration) time.Duration {
	text := p.Text(key)
	if text == "" {
		return def
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		p.Failf("%s is %s; expected a time such as 500ms, 10s or 0s", key, text)
	}
	return d
}

// Failed reports whether anything is wrong so far with the parameters that were asked for.
func (p *Parameters) Failed() bool { return len(p.errs) > 0 }

// Floats returns one number or a list of them, each from lo to hi; none if the
// parameter is not given.
func (p *Parameters) Floats(key string, lo, hi float64) []float64 {
	v, ok := p.Value(key)
	if !ok {
		return nil
	}
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	var out []float64
	for _, e := range list {
		f, ok := number(e)
		if !ok || !(f >= lo && f <= hi) {
			p.Failf("%s is %v; expected numbers from %v to %v", key, v, lo, hi)
			return nil
		}
		out = append(out, f)
	}
	return out
}

// FloatEach returns n numbers, such as one for each channel of a picture: those of a list
// of n, or one number n times; def n times if the parameter is not given.
func (p *Parameters) FloatEach(key string, n int, def float64) []float64 {
	v, ok := p.Value(key)
	if !ok {
		v = def
	}
	list, ok := v.([]any)
	if !ok {
		list = slices.Repeat([]any{v}, n)
	}
	out, good := make([]float64, n), len(list) == n
	for i := 0; good && i < n; i++ {
		out[i], good = number(list[i])
	}
	if !good {
		p.Failf("%s is %v; expected a number or a list of %d", key, v, n)
	}
	return out
}

// Done returns all that is wrong with the parameters, those that were not asked for
// among it. The error is ErrParam.
func (p *Parameters) Done() error {
	for _, key := range slices.Sorted(maps.Keys(p.values)) {
		if slices.Contains(p.known, key) {
			continue
		}
		slices.Sort(p.known)
		known := "it takes none"
		if len(p.known) > 0 {
			known = "known are " + strings.Join(p.known, ", ")
		}
		p.Failf("%q is not a parameter of this kernel; %s%s", key, known, nearest.Hint(key, p.known))
	}
	if len(p.errs) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrParam, strings.Join(p.errs, "; "))
}

func number(v any) (float64, bool) {
	switch n := v.(type) {
	case int:
		return float64(n), true
	case int64:
		return float64(n), true
	case uint64:
		return float64(n), true
	case float64:
		return n, !math.IsNaN(n)
	}
	return 0, false
}
