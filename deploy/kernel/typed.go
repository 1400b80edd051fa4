package kernel

import (
	"bytes"
	"encoding/json"
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

func checkSide(side string, ports []graph.Port, want []string, sizes map[string]int64) error {
	shapes := make([]shape, len(want))
	for i := range shapes {
		shapes[i] = anything
	}
	if err := expect(side, ports, shapes...); err != nil {
		return err
	}
	for i, p := range ports {
		if !fitsPattern(p.Type, want[i], sizes) {
			return fmt.Errorf("%w: %s port %s carries %s; expected %s%s", ErrPort, side, p.Name, p.Type, want[i], known(want[i], sizes))
		}
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

// Settings reads the kernel's parameters into the struct that dst points at, by
// its json tags. Fields of parameters that are not given keep their values, which
// are the defaults. A parameter that the struct lacks, or of another type, is
// ErrParam.
func (s Spec) Settings(dst any) error {
	if len(s.Params) == 0 {
		return nil
	}
	b, err := json.Marshal(s.Params)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrParam, err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(dst); err != nil {
		return fmt.Errorf("%w: %s", ErrParam, strings.TrimPrefix(err.Error(), "json: "))
	}
	return nil
}
