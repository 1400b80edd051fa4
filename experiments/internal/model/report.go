package model

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/onnx/work"
	"github.com/edgeprune/edgeprune/core/plan/compile"
)

// Report says what is in a model and what its cuts cost.
type Report struct {
	Name      string `json:"name"`
	SHA256    string `json:"sha256"`
	SizeBytes int64  `json:"size_bytes"`
	Producer  string `json:"producer"`
	Format    int64  `json:"ir_version"`
	// OptimisedFor is where alone the model runs; empty: anywhere.
	OptimisedFor string         `json:"optimised_for,omitempty"`
	Opsets       []onnx.Version `json:"opsets"`
	Inputs       []Type         `json:"inputs"`
	Outputs      []Type         `json:"outputs"`
	Nodes        int            `json:"nodes"`
	Operators    []onnx.OpCount `json:"operators"`
	Params       int64          `json:"parameters"`
	MACs         int64          `json:"macs"` // of one run; -1 if shapes are missing
	Probed       int            `json:"probed_tensors"`
	// Claims are the shapes that the file states and a run has shown to be others.
	Claims   []string `json:"wrong_shapes,omitempty"`
	Ran      string   `json:"input,omitempty"`           // what the model was run on to find types
	NotRun   string   `json:"not_run,omitempty"`         // why no run could find types
	Custom   string   `json:"custom_operator,omitempty"` // that ONNX Runtime lacks, and where to cut it off
	Cuts     []Cut    `json:"cuts"`
	Complete bool     `json:"complete"` // there are no other cuts of the kind asked for
	// Unsent says which tensors can't cross between devices, so that no cut is there.
	Unsent string `json:"unsent,omitempty"`
	// Unchained says why the model has no partition points.
	Unchained string `json:"unchained,omitempty"`
}

// Type is the name and the type of a tensor.
type Type struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Bytes int64  `json:"bytes"` // -1 if not known
	// Varies is the range of shapes that was seen of a tensor whose shape depends on
	// the data.
	Varies string `json:"varies,omitempty"`
	// Room is the greatest shape that a plan has room for.
	Room string `json:"room,omitempty"`
}

// Cut is one way to leave the first part of a model on one device and the rest
// on another.
type Cut struct {
	cut.Cut `json:"-"`
	// Point is the partition point of plans and experiments, which count the cuts
	// worth choosing between; -1 if it is none of them.
	Point   int    `json:"partition_point"`
	Name    string `json:"name"`
	Tensors []Type `json:"tensors"`
	// The bytes of the tokens that a plan sends here, without a codec and with one, of
	// tensors whose shape depends on the data the most that was seen. They are -1 if not
	// known, and where a plan with the codec is refused.
	Bytes      int64 `json:"bytes"`
	FP16Bytes  int64 `json:"fp16_bytes"`
	Int8Bytes  int64 `json:"int8_bytes"`
	HeadMACs   int64 `json:"head_macs"`
	TailMACs   int64 `json:"tail_macs"`
	HeadParams int64 `json:"head_parameters"`
	TailParams int64 `json:"tail_parameters"`
	// BreaksFusion: the runtime would compute nodes on both sides as one, those that
	// Broken names; Instead is the neighbouring cut that doesn't.
	BreaksFusion bool     `json:"breaks_fusion,omitempty"`
	Broken       []string `json:"broken,omitempty"`
	Instead      string   `json:"instead,omitempty"`
	// the shape of a tensor sent depends on the data; the bytes are the most that was seen
	Variable  bool `json:"variable,omitempty"`
	Least     bool `json:"least,omitempty"`     // sends the fewest bytes at its depth
	Quantized bool `json:"quantized,omitempty"` // all that is sent is 8-bit integers
}

// Describe reports on a model. With all, every cut that was found is listed, else
// only those worth choosing between.
func Describe(m *Model, all bool) (*Report, error) {
	r := &Report{
		Name: m.Name, SHA256: m.SHA256(), SizeBytes: m.Size, Producer: m.Producer(), Format: m.IRVersion(),
		OptimisedFor: m.OptimisedFor(),
		Opsets:       m.Opsets(), Inputs: m.types(m.Inputs()), Outputs: m.types(m.Outputs()), Nodes: len(m.Nodes()),
		Operators: m.Ops(), Params: work.Params(m.Model), MACs: work.MACs(m.Model), Probed: m.Probed, Complete: true,
	}
	r.NotRun, r.Custom, r.Unsent = cmp.Or(m.NotRun, m.Unmakeable), m.Custom(), m.unsent()
	if m.Probed > 0 && r.NotRun == "" {
		r.Ran = m.Ran()
	}
	for _, c := range m.Claims() {
		r.Claims = append(r.Claims, c.String())
	}
	chain, err := cut.Chain(m.Model)
	if err != nil {
		r.Unchained = err.Error()
	}
	list := chain
	r.Complete = cut.AllInOrder(m.Model)
	if all || err != nil {
		if list, r.Complete, err = cut.All(m.Model, cut.Limits{}); err != nil {
			return r, nil // Unchained says why there are none
		}
	}
	points := map[string]int{}
	for _, c := range chain {
		points[tensorKey(c)] = c.Index
	}
	for _, c := range list {
		row := m.cut(c)
		if p, ok := points[tensorKey(c)]; ok {
			row.Point = p
		}
		r.Cuts = append(r.Cuts, row)
	}
	return r, nil
}

// tensorKey tells cuts apart by what they send.
func tensorKey(c cut.Cut) string {
	var names []string
	for _, t := range c.Tensors {
		names = append(names, t.Name)
	}
	slices.Sort(names)
	return strings.Join(names, "\x00")
}

func (m *Model) cut(c cut.Cut) Cut {
	return Cut{
		Cut: c, Point: -1, Name: c.Name, Tensors: m.types(c.Tensors), Bytes: m.sent(c, codec.None),
		FP16Bytes: m.sent(c, codec.FP16), Int8Bytes: m.sent(c, codec.Int8),
		HeadMACs: c.HeadMACs, TailMACs: c.TailMACs, HeadParams: c.HeadParams, TailParams: c.TailParams,
		BreaksFusion: c.BreaksFusion, Broken: c.Broken, Instead: c.Instead, Variable: c.Variable(), Least: c.Least,
		Quantized: c.Quantized(),
	}
}

// sent returns the bytes of the tokens that a cut sends in a plan with a codec, of
// variable tensors the most that was seen; -1 if they are not known, or if Compile
// refuses such a plan.
func (m *Model) sent(c cut.Cut, name string) int64 {
	if c.Bytes() < 0 {
		return -1
	}
	n, greatest := int64(0), c.Greatest()
	for i, t := range c.Tensors {
		token := compile.TokenType(m.Model, t)
		if token.Of != nil {
			of := *token.Of
			of.Most = greatest[i].Shape
			token = of.TokenType()
		}
		size := token.Bytes()
		if size == 0 { // no token holds such elements
			size = greatest[i].Bytes()
		}
		if compile.Codes(name, token) {
			wire, err := codec.Wire(name, token)
			if err != nil {
				return -1
			}
			size = wire.Bytes()
		}
		n += size
	}
	return n
}

func (m *Model) types(tensors []onnx.TensorInfo) []Type {
	list := []Type{}
	for _, t := range tensors {
		item := Type{Name: t.Name, Type: typeText(t), Bytes: t.Bytes()}
		if span, ok := m.Span(t.Name); ok {
			item.Varies, item.Room = fmt.Sprintf("%v to %v", span.Min, span.Max), fmt.Sprint(span.Most)
		}
		list = append(list, item)
	}
	return list
}

// typeText writes a type as the file states it, or a run showed.
func typeText(t onnx.TensorInfo) string {
	if t.Elem == 0 {
		return "no tensor"
	}
	return t.Type()
}
