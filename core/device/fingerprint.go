package device

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Fingerprint is what has to be the same for firings to cost the same: the device, how it is
// set, and what runs on it. What could not be read is empty.
type Fingerprint struct {
	Processor    string   `json:"processor,omitempty"`    // its model, such as "Cortex-A78AE"
	Cores        int      `json:"cores,omitempty"`        // processors that the program may use
	System       string   `json:"system,omitempty"`       // operating system and architecture, such as "linux/arm64"
	Board        string   `json:"board,omitempty"`        // the model that the board's maker gives it
	Accelerators []string `json:"accelerators,omitempty"` // with their drivers' versions
	PowerMode    string   `json:"power_mode,omitempty"`   // of nvpmodel, such as "0 MAXN"
	Clocks       []Limits `json:"clocks,omitempty"`
	Runtime      string   `json:"runtime,omitempty"`   // version of ONNX Runtime; empty: the device has none
	Providers    []string `json:"providers,omitempty"` // that its ONNX Runtime offers, with versions where known
	Program      string   `json:"program,omitempty"`   // revision of the program
}

// Limits are those that are set for a clock.
type Limits struct {
	Of       string  `json:"of"` // such as "cpu 0-3" or "gpu"
	Governor string  `json:"governor,omitempty"`
	MinHz    float64 `json:"min_hz,omitempty"`
	MaxHz    float64 `json:"max_hz,omitempty"`
}

// String is the limits in words, such as "schedutil 0.73 to 1.5 GHz"; what could not be read is
// left out.
func (l Limits) String() string {
	var hz string
	switch {
	case l.MinHz > 0 && l.MaxHz > 0:
		hz = fmt.Sprintf("%.3g to %.3g GHz", l.MinHz/1e9, l.MaxHz/1e9)
	case l.MaxHz > 0:
		hz = fmt.Sprintf("up to %.3g GHz", l.MaxHz/1e9)
	case l.MinHz > 0:
		hz = fmt.Sprintf("from %.3g GHz", l.MinHz/1e9)
	}
	return strings.TrimSpace(l.Governor + " " + hz)
}

// Limits returns the limits of the state's clocks.
func (s *State) Limits() []Limits {
	var all []Limits
	for _, c := range s.Clocks {
		all = append(all, Limits{Of: c.Of, Governor: c.Governor, MinHz: c.MinHz, MaxHz: c.MaxHz})
	}
	return all
}

// Differs says in words in what a device is other than f says: what it is now beside what f
// says, one text for each difference; nil if nothing differs.
func (f *Fingerprint) Differs(now *Fingerprint) []string {
	var all []string
	add := func(what, then, is string) {
		if then != is {
			all = append(all, fmt.Sprintf("%s: %s, now %s", what, orNone(then), orNone(is)))
		}
	}
	add("processor", f.Processor, now.Processor)
	add("processors", number(f.Cores), number(now.Cores))
	add("system", f.System, now.System)
	add("board", f.Board, now.Board)
	add("accelerators", list(f.Accelerators), list(now.Accelerators))
	add("power mode", f.PowerMode, now.PowerMode)
	for _, l := range f.Clocks {
		add("clock of "+l.Of, l.String(), limits(now.Clocks, l.Of))
	}
	for _, l := range now.Clocks {
		if !slices.ContainsFunc(f.Clocks, func(m Limits) bool { return m.Of == l.Of }) {
			add("clock of "+l.Of, "", l.String())
		}
	}
	add("ONNX Runtime", f.Runtime, now.Runtime)
	add("providers", list(f.Providers), list(now.Providers))
	add("program", f.Program, now.Program)
	return all
}

// number is n in words, "" if it could not be read.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func limits(all []Limits, of string) string {
	for _, l := range all {
		if l.Of == of {
			return l.String()
		}
	}
	return ""
}

// list names all, in an order of their own.
func list(all []string) string {
	sorted := slices.Sorted(slices.Values(all))
	return strings.Join(sorted, ", ")
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

// Other says in what now is another device than f says, whatever it is set to and runs; nil if
// it is the same.
func (f *Fingerprint) Other(now *Fingerprint) []string {
	is := func(f *Fingerprint) *Fingerprint {
		return &Fingerprint{Processor: f.Processor, Cores: f.Cores, System: f.System, Board: f.Board}
	}
	return is(f).Differs(is(now))
}
