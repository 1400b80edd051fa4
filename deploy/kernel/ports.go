package kernel

import (
	"fmt"
	"strings"

	"github.com/edgeprune/edgeprune/core/graph"
)

// CheckPorts checks that the ports have the rate 1 and the types that a kernel
// takes, in the order of its ports. A type is written as in YAML, "float32[1,4]",
// with letters or words for sizes that may be any, "uint8[h,w,3]": the same word
// stands for the same size at every port. "float32[<=n,4]" takes tensors that travel
// with their shape, with a bound on the first size. "any" takes any type. The error is
// ErrPort and names the port.
func (s Spec) CheckPorts(in, out []string) error {
	sizes := map[string]int64{}
	if err := checkSide("in", s.In, in, sizes); err != nil {
		return err
	}
	return checkSide("out", s.Out, out, sizes)
}

// CheckIn is CheckPorts for the in ports alone.
func (s Spec) CheckIn(want ...string) error {
	return checkSide("in", s.In, want, map[string]int64{})
}

// CheckOut is CheckPorts for the out ports alone.
func (s Spec) CheckOut(want ...string) error {
	return checkSide("out", s.Out, want, map[string]int64{})
}

// CheckPort checks one data port of a dynamic actor: that its rates are lrl, 0 or 1, to 1,
// and its type. side, "in" or "out", is for the error, which is ErrPort.
func CheckPort(side string, p graph.Port, lrl int, want string) error {
	return checkPort(side, p, lrl, want, map[string]int64{})
}

// SplitPorts returns the indices of the control and of the data ports.
func SplitPorts(ports []graph.Port) (control, data []int) {
	for i, p := range ports {
		if p.Control {
			control = append(control, i)
		} else {
			data = append(data, i)
		}
	}
	return control, data
}

func checkSide(side string, ports []graph.Port, want []string, sizes map[string]int64) error {
	if len(ports) != len(want) {
		return fmt.Errorf("%w: %d %s ports given, it has %d", ErrPort, len(ports), side, len(want))
	}
	for i, p := range ports {
		if err := checkPort(side, p, 1, want[i], sizes); err != nil {
			return err
		}
	}
	return nil
}

func checkPort(side string, p graph.Port, lrl int, want string, sizes map[string]int64) error {
	if p.LRL != lrl || p.URL != 1 {
		expected := "1"
		if lrl == 0 {
			expected = "0 to 1"
		}
		return fmt.Errorf("%w: %s port %s has rates %d to %d; expected %s", ErrPort, side, p.Name, p.LRL, p.URL, expected)
	}
	if !fitsPattern(p.Type, want, sizes) {
		return fmt.Errorf("%w: %s port %s carries %s; expected %s%s",
			ErrPort, side, p.Name, p.Type, want, known(want, sizes))
	}
	return nil
}

// fitsPattern matches a type and notes the sizes of words seen for the first time.
func fitsPattern(t graph.TokenType, pattern string, sizes map[string]int64) bool {
	if pattern == "any" {
		return true
	}
	elem, rest, _ := strings.Cut(pattern, "[")
	dims := strings.Split(strings.TrimSuffix(rest, "]"), ",")
	of := t.Of
	if of != nil {
		t = of.Greatest()
	}
	if dims[0] == "" {
		dims = nil // a scalar
	}
	if elem != t.Elem || len(dims) != len(t.Shape) || of == nil && strings.Contains(rest, "<=") {
		return false
	}
	for i, d := range dims {
		bound, open := strings.CutPrefix(d, "<=")
		if dims[i] = bound; of != nil && open != of.Open[i] {
			return false
		}
	}
	for i, d := range dims {
		if size, ok := sizes[d]; ok && size != t.Shape[i] {
			return false
		}
		if d[0] >= '0' && d[0] <= '9' && d != fmt.Sprint(t.Shape[i]) {
			return false
		}
	}
	for i, d := range dims {
		if d[0] > '9' {
			sizes[d] = t.Shape[i]
		}
	}
	return true
}

// known says which sizes of a pattern earlier ports have set.
func known(pattern string, sizes map[string]int64) string {
	var list []string
	_, rest, _ := strings.Cut(pattern, "[")
	for d := range strings.SplitSeq(strings.ReplaceAll(strings.TrimSuffix(rest, "]"), "<=", ""), ",") {
		if n, ok := sizes[d]; ok {
			list = append(list, fmt.Sprintf("%s = %d", d, n))
		}
	}
	if list == nil {
		return ""
	}
	return " with " + strings.Join(list, ", ")
}
