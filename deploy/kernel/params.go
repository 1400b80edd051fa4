package kernel

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// params reads a Spec's settings and gathers what is wrong with them. Every
// method names a setting that the kernel knows; done reports the others.
type params struct {
	values map[string]any
	known  []string
	errs   []string
}

func (p *params) get(key string) (any, bool) {
	p.known = append(p.known, key)
	v, ok := p.values[key]
	return v, ok
}

func (p *params) failf(format string, args ...any) {
	p.errs = append(p.errs, fmt.Sprintf(format, args...))
}

// float returns a number from lo to hi.
func (p *params) float(key string, def, lo, hi float64) float64 {
	v, ok := p.get(key)
	if !ok {
		return def
	}
	f, ok := number(v)
	if !ok || !(f >= lo && f <= hi) {
		p.failf("%s is %v; expected a number from %v to %v", key, v, lo, hi)
		return def
	}
	return f
}

// integer returns a whole number from lo to hi; def is returned unchecked.
func (p *params) integer(key string, def, lo, hi int) int {
	v, ok := p.get(key)
	if !ok {
		return def
	}
	f, ok := number(v)
	if !ok || f != math.Trunc(f) || f < float64(lo) || f > float64(hi) {
		p.failf("%s is %v; expected a whole number from %d to %d", key, v, lo, hi)
		return def
	}
	return int(f)
}

func (p *params) text(key string) string {
	v, ok := p.get(key)
	if !ok {
		return ""
	}
	s, ok := v.(string)
	if !ok || s == "" {
		p.failf("%s is %v; expected a string", key, v)
	}
	return s
}

// perChannel returns one number for each of three channels, from a list of
// three or from one number for all.
func (p *params) perChannel(key string, def float64) [3]float64 {
	v, ok := p.get(key)
	if !ok {
		return [3]float64{def, def, def}
	}
	list, ok := v.([]any)
	if !ok {
		list = []any{v, v, v}
	}
	var out [3]float64
	good := len(list) == 3
	for i := 0; good && i < 3; i++ {
		out[i], good = number(list[i])
	}
	if !good {
		p.failf("%s is %v; expected a number or a list of three", key, v)
	}
	return out
}

// numbers returns one number or a list of them, each from lo to hi; none if the
// setting is not given.
func (p *params) numbers(key string, lo, hi float64) []float64 {
	v, ok := p.get(key)
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
			p.failf("%s is %v; expected numbers from %v to %v", key, v, lo, hi)
			return nil
		}
		out = append(out, f)
	}
	return out
}

// done returns all errors of the settings, and names those not asked for.
func (p *params) done() error {
	for _, key := range slices.Sorted(maps.Keys(p.values)) {
		if slices.Contains(p.known, key) {
			continue
		}
		slices.Sort(p.known)
		known := "it takes none"
		if len(p.known) > 0 {
			known = "known are " + strings.Join(p.known, ", ")
		}
		p.failf("%q is not a parameter of this kernel; %s", key, known)
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
