package onnx

import (
	"fmt"
	"strings"

	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
)

// builtIn are the operator domains that ONNX Runtime has without a library of
// the user's: the standard's, and its own.
var builtIn = []string{
	"", "ai.onnx.ml", "ai.onnx.training", "ai.onnx.preview", "ai.onnx.preview.training",
	"com.microsoft", "com.microsoft.nchwc", "com.microsoft.experimental", "com.ms.internal.nhwc",
}

// function identifies a model-local function.
type function struct{ domain, name, overload string }

func calls(n *onnxpb.NodeProto) function {
	return function{domainOf(n), n.GetOpType(), n.GetOverload()}
}

// checkFunctions proves that model-local functions have distinct names, do not
// call themselves and use only what they make, and finds those with operators that ONNX Runtime
// doesn't have.
func (m *Model) checkFunctions() error {
	defined := map[function]*onnxpb.FunctionProto{}
	for _, f := range m.pb.Functions {
		key := function{domain(f.GetDomain()), f.GetName(), f.GetOverload()}
		if defined[key] != nil {
			return fmt.Errorf("%w: function %s of domain %q is given twice", ErrDuplicate, key.name, key.domain)
		}
		defined[key] = f
	}
	m.functions = defined
	done := map[function]int{}
	for _, f := range m.pb.Functions {
		if err := checkFunction(f); err != nil {
			return fmt.Errorf("%w (in function %s)", err, f.GetName())
		}
		if err := recursion(function{domain(f.GetDomain()), f.GetName(), f.GetOverload()}, defined, done, nil); err != nil {
			return err
		}
	}
	return nil
}

// checkFunction proves that a function's tensors are made once and before use.
func checkFunction(f *onnxpb.FunctionProto) error {
	made := map[string]bool{}
	for _, in := range f.Input {
		made[in] = true
	}
	for _, n := range f.Node {
		if n.GetOpType() == "" {
			return invalid("node %q has no operator", n.GetName())
		}
		for _, u := range usesOf(n) {
			if !made[u] {
				return fmt.Errorf("%w: node %s uses tensor %q, which no earlier node or input makes", ErrDangling, label(n), u)
			}
		}
		for _, o := range n.Output {
			if o != "" && made[o] {
				return fmt.Errorf("%w: tensor %q is made by node %s and by another node or input", ErrDuplicate, o, label(n))
			}
			made[o] = true
		}
	}
	for _, o := range f.Output {
		if !made[o] {
			return fmt.Errorf("%w: output %q is made by no node", ErrDangling, o)
		}
	}
	return nil
}

// recursion follows the calls of a function; done marks 1 for those on the
// way and 2 for those that are checked.
func recursion(at function, defined map[function]*onnxpb.FunctionProto, done map[function]int, way []string) error {
	f := defined[at]
	if f == nil || done[at] == 2 {
		return nil
	}
	way = append(way, at.name)
	if done[at] == 1 || len(way) > maxNesting {
		return fmt.Errorf("%w: function %s calls itself: %s", ErrCycle, at.name,
			strings.Join(way[max(0, len(way)-12):], " -> "))
	}
	done[at] = 1
	for _, n := range f.Node {
		err := Walk(n, func(n *onnxpb.NodeProto) error { return recursion(calls(n), defined, done, way) })
		if err != nil {
			return err
		}
	}
	done[at] = 2
	return nil
}
