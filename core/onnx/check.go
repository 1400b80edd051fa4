package onnx

import (
	"fmt"
	"math"
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
)

// The versions that are read: of the default domain's operator set and of the format up to
// the newest that ONNX Runtime 1.27 takes. Of operator sets below 7 it has some operators only.
const (
	minOpset = 1
	maxOpset = 26
	maxIR    = 13
)

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrInvalidModel}, args...)...)
}

// checkVersions proves that the version of the format and one of an operator set are stated
// and supported, and that the operators' domains are known.
func (m *Model) checkVersions() error {
	if m.pb.GetIrVersion() <= 0 {
		return invalid("it states no IR version")
	}
	if ir := m.pb.GetIrVersion(); ir > maxIR {
		return fmt.Errorf("%w: IR version %d; ONNX Runtime takes those up to %d: convert the model to one of them",
			ErrOpset, ir, maxIR)
	}
	seen := map[string]int64{}
	for _, o := range m.pb.OpsetImport {
		seen[domain(o.GetDomain())] = o.GetVersion() // of one that is imported twice, the last counts
	}
	if len(seen) == 0 {
		return invalid("it imports no operator set; is the file complete?")
	}
	if v, ok := seen[""]; ok && (v < minOpset || v > maxOpset) {
		return fmt.Errorf("%w: operator set %d; ONNX Runtime takes versions %d to %d: convert the model to one of them",
			ErrOpset, v, minOpset, maxOpset)
	}
	if err := m.checkFunctions(); err != nil {
		return err
	}
	return m.checkDomains(seen)
}

// checkDomains proves that every node has an operator and that its domain is imported, but for those that ONNX Runtime
// has built in: of these it takes the newest version then.
func (m *Model) checkDomains(imported map[string]int64) error {
	for _, n := range m.pb.Graph.Node {
		err := Walk(n, func(n *onnxpb.NodeProto) error {
			if n.GetOpType() == "" {
				return invalid("node %q has no operator", n.GetName())
			}
			if _, ok := imported[domainOf(n)]; !ok && !slices.Contains(builtIn, domainOf(n)) {
				return invalid("node %s is of domain %q, which is not imported", label(n), domainOf(n))
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// checkWeights proves that initializers have names and that they and the constants in nodes
// hold as much data as their shape says.
func (m *Model) checkWeights() error {
	twice := false
	for _, t := range m.pb.Graph.Initializer {
		name := t.GetName()
		if name == "" {
			return invalid("an initializer has no name")
		}
		twice = twice || m.weights[name] != nil
		if external(t) {
			r, err := m.rangeOf(t)
			if err != nil {
				return fmt.Errorf("%w (initializer %q)", err, name)
			}
			m.ranges[t] = r
		} else if err := checkTensor(t, m.packed[t]); err != nil {
			return fmt.Errorf("%w (initializer %q)", err, name)
		}
		m.weights[name] = t
		m.types[name] = weightInfo(name, t)
	}
	if twice { // the last counts, as in ONNX Runtime
		m.pb.Graph.Initializer = slices.DeleteFunc(slices.Clone(m.pb.Graph.Initializer),
			func(t *onnxpb.TensorProto) bool { return m.weights[t.GetName()] != t })
	}
	for _, n := range m.pb.Graph.Node {
		err := Walk(n, func(n *onnxpb.NodeProto) error {
			for _, t := range Constants(n) {
				if external(t) {
					if err := m.inline(t); err != nil {
						return fmt.Errorf("%w (tensor %q in node %s)", err, t.GetName(), label(n))
					}
				}
				if err := checkTensor(t, payload{}); err != nil {
					return fmt.Errorf("%w (tensor %q in node %s)", err, t.GetName(), label(n))
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// checkTypes collects the declared types and refuses sizes beyond any memory.
func (m *Model) checkTypes() error {
	g := m.pb.Graph
	for _, list := range [][]*onnxpb.ValueInfoProto{g.Input, g.Output, g.ValueInfo} {
		for _, v := range list {
			info := infoOf(v)
			if info.Bytes() == math.MaxInt64 || info.Elements() == math.MaxInt64 {
				return invalid("tensor %s is too large", info)
			}
			if old, ok := m.types[info.Name]; !ok || old.Elements() < 0 {
				m.types[info.Name], m.infos[info.Name] = info, v
			}
		}
	}
	for _, n := range g.Node {
		value := attr(n, "value").GetT()
		if Op(n) != "Constant" || value == nil || len(n.Output) == 0 {
			continue
		}
		m.types[n.Output[0]] = weightInfo(n.Output[0], value)
	}
	return nil
}

// checkInputs proves that graph inputs have distinct names.
func (m *Model) checkInputs() error {
	seen := map[string]bool{}
	for _, v := range m.pb.Graph.Input {
		name := v.GetName()
		if name == "" {
			return invalid("a graph input has no name")
		}
		if seen[name] {
			return fmt.Errorf("%w: graph input %q is declared twice", ErrDuplicate, name)
		}
		seen[name] = true
		if m.weights[name] == nil {
			m.made[name] = GraphInput
			m.inputs = append(m.inputs, m.types[name])
		}
	}
	return nil
}

// checkBodies proves that no body of a node makes a tensor twice.
func checkBodies(n *onnxpb.NodeProto) error {
	return Walk(n, func(n *onnxpb.NodeProto) error {
		for _, g := range Bodies(n) {
			made := map[string]bool{}
			for _, v := range g.Input {
				made[v.GetName()] = true
			}
			for _, inner := range g.Node {
				for _, o := range inner.Output {
					if o != "" && made[o] {
						return fmt.Errorf("%w: tensor %q is made by node %s in a body of node %s and by another node or input there",
							ErrDuplicate, o, label(inner), label(n))
					}
					made[o] = true
				}
			}
		}
		return nil
	})
}

// checkNodes proves that every tensor is made once, and sorts nodes that use what comes
// later in the file.
func (m *Model) checkNodes() error {
	for i, n := range m.pb.Graph.Node {
		if err := checkBodies(n); err != nil {
			return err
		}
		for _, o := range n.Output {
			if o == "" {
				continue
			}
			if _, twice := m.made[o]; twice || m.weights[o] != nil {
				return fmt.Errorf("%w: tensor %q is made by node %s and by another node, input or initializer", ErrDuplicate, o,
					label(n))
			}
			m.made[o] = i
		}
		m.nodes = append(m.nodes, Node{pb: n, uses: usesOf(n)})
	}
	sorted := true
	for i := range m.nodes {
		for _, u := range m.nodes[i].uses {
			at, ok := m.made[u]
			if !ok && m.weights[u] == nil {
				return fmt.Errorf("%w: node %s uses tensor %q, which %s", ErrDangling, label(m.nodes[i].pb), u,
					maker(m.nodes[i].pb, u))
			}
			sorted = sorted && (!ok || at < i)
		}
	}
	if sorted {
		return nil
	}
	return m.sortNodes()
}

// maker says what makes a tensor that a node uses and that its graph doesn't have.
func maker(n *onnxpb.NodeProto, tensor string) string {
	late := Walk(n, func(inner *onnxpb.NodeProto) error {
		if inner != n && slices.Contains(inner.Output, tensor) {
			return ErrDangling
		}
		return nil
	})
	if late != nil {
		return "a body of it makes only behind its use; ONNX Runtime doesn't sort bodies: export the model again"
	}
	return "no node, input or initializer makes"
}

// checkOutputs proves that there are graph outputs, all of which are made.
func (m *Model) checkOutputs() error {
	if len(m.pb.Graph.Output) == 0 {
		return invalid("the graph has no outputs")
	}
	seen := map[string]bool{}
	for _, v := range m.pb.Graph.Output {
		name := v.GetName()
		m.delivered = append(m.delivered, name)
		if seen[name] { // it is made and sent once
			continue
		}
		seen[name] = true
		if _, ok := m.made[name]; !ok && m.weights[name] == nil {
			return fmt.Errorf("%w: graph output %q is made by no node, input or initializer", ErrDangling, name)
		}
		m.outputs = append(m.outputs, m.types[name])
	}
	return nil
}
