package onnx

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
)

// Model is a checked ONNX model. It is immutable and safe for concurrent use.
type Model struct {
	pb      *onnxpb.ModelProto
	sum     string
	nodes   []Node
	made    map[string]int                 // tensor -> index of its node, or GraphInput
	weights map[string]*onnxpb.TensorProto // initializers
	types   map[string]TensorInfo          // all that is declared
	fixed   map[string]bool                // initializers and what is computed from them alone
	inputs  []TensorInfo                   // without initializers
	outputs []TensorInfo
	// delivered are the names of the outputs as declared, of which one may stand there twice
	delivered []string
	infos     map[string]*onnxpb.ValueInfoProto
	opaque    map[string]bool // sequences and others that are never sent
	spans     map[string]Span // of variable tensors, as observed
	claims    []Claim

	functions map[function]*onnxpb.FunctionProto
	lacking   map[*onnxpb.FunctionProto]string // what operator a function needs that there is not

	files   Files                           // nil if there are none
	ranges  map[*onnxpb.TensorProto]Range   // of initializers in other files
	packed  map[*onnxpb.TensorProto]payload // data of initializers that is not in pb
	sizes   map[string]int64                // of other files
	inlined int64                           // bytes of other files that are in pb
}

// Parse reads and checks a model without external data. The model keeps data
// and reads its large weights there; do not change it. What it takes beside
// data is at most 256 MB. Errors wrap ErrNotONNX, ErrTruncated, ErrInvalidModel
// or ErrUnsupported, or one of those that say more.
func Parse(data []byte) (*Model, error) { return ParseFiles(data, nil) }

// ParseFiles is Parse for a model whose weights may lie in other files; nil
// stands for none. The files are kept and read when the model is written.
func ParseFiles(data []byte, files Files) (*Model, error) {
	pb, packed, err := decode(data)
	if err != nil {
		return nil, err
	}
	if files != nil {
		liftConstants(pb.Graph)
	}
	sum := sha256.Sum256(data)
	return index(pb, packed, hex.EncodeToString(sum[:]), files)
}

// index checks a decoded model and indexes it.
func index(pb *onnxpb.ModelProto, packed map[*onnxpb.TensorProto]payload, sum string, files Files) (*Model, error) {
	m := &Model{
		pb:      pb,
		sum:     sum,
		made:    map[string]int{},
		weights: map[string]*onnxpb.TensorProto{},
		types:   map[string]TensorInfo{},
		fixed:   map[string]bool{},
		infos:   map[string]*onnxpb.ValueInfoProto{},
		opaque:  map[string]bool{},
		spans:   map[string]Span{},
		lacking: map[*onnxpb.FunctionProto]string{},
		files:   files,
		packed:  packed,
		ranges:  map[*onnxpb.TensorProto]Range{},
		sizes:   map[string]int64{},
	}
	steps := []func() error{
		m.checkVersions, m.checkWeights, m.checkTypes, m.checkInputs, m.checkNodes, m.checkOutputs,
		m.readSpans,
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, err
		}
	}
	m.findLive()
	m.findConstants()
	m.findOpaque()
	m.findCustom()
	for _, f := range m.pb.Functions {
		m.customIn(f)
	}
	return m, nil
}

// Inputs returns the graph inputs in declared order, without those that are
// initializers. The shapes are the model's own; do not change them.
func (m *Model) Inputs() []TensorInfo { return slices.Clone(m.inputs) }

// Outputs returns the graph outputs in declared order, one that is declared twice once. The
// shapes are the model's own; do not change them.
func (m *Model) Outputs() []TensorInfo { return slices.Clone(m.outputs) }

// Delivered returns the names of the graph outputs as the file declares them, one that it
// declares twice twice. Do not change them.
func (m *Model) Delivered() []string { return m.delivered }

// DataFiles returns the names, sorted, of the Files that hold external data of the model.
func (m *Model) DataFiles() []string { return slices.Sorted(maps.Keys(m.sizes)) }

// SHA256 returns the hexadecimal SHA-256 of the bytes given to Parse; external
// data is not in it.
func (m *Model) SHA256() string { return m.sum }

// OpCount is how often an operator occurs.
type OpCount struct {
	Op    string // with its domain and a dot if that is not the default one
	Count int
}

// Ops counts the nodes of the main graph by operator, sorted by name.
func (m *Model) Ops() []OpCount {
	count := map[string]int{}
	for i := range m.nodes {
		count[m.nodes[i].Op()]++
	}
	var ops []OpCount
	for _, op := range slices.Sorted(maps.Keys(count)) {
		ops = append(ops, OpCount{op, count[op]})
	}
	return ops
}

// findLive marks the nodes that a graph output depends on.
func (m *Model) findLive() {
	needed := map[string]bool{}
	for _, t := range m.outputs {
		needed[t.Name] = true
	}
	for i := len(m.nodes) - 1; i >= 0; i-- {
		n := &m.nodes[i]
		n.live = slices.ContainsFunc(n.pb.Output, func(o string) bool { return needed[o] })
		if n.live {
			for _, u := range n.uses {
				needed[u] = true
			}
		}
	}
}

// findConstants marks the nodes that depend on initializers alone, and names
// all fixed tensors.
func (m *Model) findConstants() {
	for name := range m.weights {
		m.fixed[name] = true
	}
	for i := range m.nodes {
		n := &m.nodes[i]
		n.constant = domainOf(n.pb) == "" && !random[n.pb.GetOpType()] && len(Bodies(n.pb)) == 0 &&
			!slices.ContainsFunc(n.uses, func(u string) bool { return !m.fixed[u] })
		if !n.constant {
			continue
		}
		for _, o := range n.pb.Output {
			if o != "" {
				m.fixed[o] = true
			}
		}
	}
}

// Version is that of a set of operators; the default one has no domain.
type Version struct {
	Domain  string `json:"domain,omitempty"`
	Version int64  `json:"version"`
}

// Opsets returns the versions of the operator sets that the model imports, in
// the file's order.
func (m *Model) Opsets() []Version {
	var list []Version
	for _, o := range m.pb.OpsetImport {
		list = append(list, Version{domain(o.GetDomain()), o.GetVersion()})
	}
	return list
}

// IRVersion returns the version of the file format.
func (m *Model) IRVersion() int64 { return m.pb.GetIrVersion() }

// Producer returns the program that wrote the model, as the file says; it may be
// empty.
func (m *Model) Producer() string { return m.pb.GetProducerName() }

// OptimisedForKey is the entry of a model's metadata that says what it was optimised
// for: a runtime and a processor, which alone may run it. Sub-models keep it.
const OptimisedForKey = "edgeprune.optimised_for"

// OptimisedFor returns what the model was optimised for; it is empty for a model
// that runs everywhere.
func (m *Model) OptimisedFor() string { return Metadata(m.pb, OptimisedForKey) }

// Metadata returns what a model's metadata say under a key; "" if nothing.
func Metadata(pb *onnxpb.ModelProto, key string) string {
	for _, p := range pb.GetMetadataProps() {
		if p.GetKey() == key {
			return p.GetValue()
		}
	}
	return ""
}
