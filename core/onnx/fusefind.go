package onnx

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
)

// maker returns the moving node that makes a tensor, or -1.
func (f *fuser) maker(tensor string) int { return f.m.maker(tensor) }

// is says whether node i exists and has one of the operators.
func (f *fuser) is(i int, ops ...string) bool {
	return i >= 0 && slices.Contains(ops, opOf(f.m.nodes[i].pb))
}

// in returns the name of input k of node i, or "".
func (f *fuser) in(i, k int) string {
	if i < 0 {
		return ""
	}
	return input(f.m.nodes[i].pb, k)
}

func (f *fuser) out(i int) string {
	if i < 0 || len(f.m.nodes[i].pb.Output) == 0 {
		return ""
	}
	return f.m.nodes[i].pb.Output[0]
}

// next returns the only reader of node i's first output if it has one of the
// operators, or -1.
func (f *fuser) next(i int, ops ...string) int {
	if o := f.out(i); o != "" && f.readers[o] == 1 && len(f.by[o]) == 1 && f.is(f.by[o][0], ops...) {
		return f.by[o][0]
	}
	return -1
}

// only returns the maker of a tensor that nothing but one node reads, if it has
// one of the operators, or -1.
func (f *fuser) only(tensor string, ops ...string) int {
	if i := f.maker(tensor); f.is(i, ops...) && f.readers[tensor] == 1 && f.out(i) == tensor {
		return i
	}
	return -1
}

// within says that none but nodes of the group read a tensor.
func (f *fuser) within(tensor string, group []int) bool {
	return f.readers[tensor] == len(f.by[tensor]) &&
		!slices.ContainsFunc(f.by[tensor], func(i int) bool { return !slices.Contains(group, i) })
}

// scaled says that node i combines one tensor with a constant, and returns both.
func (f *fuser) scaled(i int, ops ...string) (data, constant string, ok bool) {
	if !f.is(i, ops...) || len(f.m.nodes[i].pb.Input) != 2 {
		return "", "", false
	}
	a, b := f.in(i, 0), f.in(i, 1)
	switch {
	case f.m.fixed[b] && !f.m.fixed[a]:
		return a, b, true
	case f.m.fixed[a] && !f.m.fixed[b]:
		return b, a, true
	}
	return "", "", false
}

// shape returns the shape of a tensor, nil if its rank is not known.
func (f *fuser) shape(tensor string) []int64 { return f.m.types[tensor].Shape }

// single says that a tensor is a constant of one element.
func (f *fuser) single(tensor string) bool {
	return f.m.fixed[tensor] && f.m.types[tensor].Elements() == 1
}

// constant returns a constant that lies in the file, or nil.
func (f *fuser) constant(tensor string) *onnxpb.TensorProto {
	if t := f.m.weights[tensor]; t != nil {
		return t
	}
	if i, made := f.m.made[tensor]; made && i >= 0 && f.is(i, "Constant") {
		return attr(f.m.nodes[i].pb, "value").GetT()
	}
	return nil
}

// value returns the only element of a constant.
func (f *fuser) value(tensor string) (v float64, ok bool) {
	t := f.constant(tensor)
	raw := t.GetRawData()
	switch e := Elem(t.GetDataType()); {
	case !f.single(tensor):
	case e == Float32 && len(raw) == 4:
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(raw))), true
	case e == Uint8 && len(raw) == 1:
		return float64(raw[0]), true
	case e == Int8 && len(raw) == 1:
		return float64(int8(raw[0])), true
	case e == Float32 && len(t.GetFloatData()) == 1:
		return float64(t.FloatData[0]), true
	case (e == Uint8 || e == Int8) && len(t.GetInt32Data()) == 1:
		return float64(t.Int32Data[0]), true
	}
	return 0, false
}

// integers returns the elements of a constant of int64.
func (f *fuser) integers(tensor string) []int64 {
	t := f.constant(tensor)
	list := slices.Clone(t.GetInt64Data())
	for raw := t.GetRawData(); Elem(t.GetDataType()) == Int64 && len(raw) >= 8; raw = raw[8:] {
		list = append(list, int64(binary.LittleEndian.Uint64(raw)))
	}
	return list
}

// dims returns the attribute of a list of integers.
func (f *fuser) dims(i int, name string) []int64 { return attr(f.m.nodes[i].pb, name).GetInts() }

// integer returns an attribute, or what it is without one.
func integer(n *onnxpb.NodeProto, name string, otherwise int64) int64 {
	if a := attr(n, name); a != nil {
		return a.GetI()
	}
	return otherwise
}
