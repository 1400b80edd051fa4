package fusion

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx"
)

// maker returns the moving node that makes a tensor, or -1.
func (f *finder) maker(tensor string) int { return f.m.Maker(tensor) }

// is says whether node i exists and has one of the operators.
func (f *finder) is(i int, ops ...string) bool {
	return i >= 0 && slices.Contains(ops, f.nodes[i].Op())
}

// in returns the name of input k of node i, or "".
func (f *finder) in(i, k int) string {
	if i < 0 {
		return ""
	}
	return f.nodes[i].Input(k)
}

func (f *finder) out(i int) string {
	if i < 0 || len(f.nodes[i].Outputs()) == 0 {
		return ""
	}
	return f.nodes[i].Output(0)
}

// next returns the only reader of node i's first output if it has one of the
// operators, or -1.
func (f *finder) next(i int, ops ...string) int {
	if o := f.out(i); o != "" && f.readers[o] == 1 && len(f.by[o]) == 1 && f.is(f.by[o][0], ops...) {
		return f.by[o][0]
	}
	return -1
}

// only returns the maker of a tensor that nothing but one node reads, if it has
// one of the operators, or -1.
func (f *finder) only(tensor string, ops ...string) int {
	if i := f.maker(tensor); f.is(i, ops...) && f.readers[tensor] == 1 && f.out(i) == tensor {
		return i
	}
	return -1
}

// within says that none but nodes of the group read a tensor.
func (f *finder) within(tensor string, group []int) bool {
	return f.readers[tensor] == len(f.by[tensor]) &&
		!slices.ContainsFunc(f.by[tensor], func(i int) bool { return !slices.Contains(group, i) })
}

// scaled says that node i combines one tensor with a constant, and returns both.
func (f *finder) scaled(i int, ops ...string) (data, constant string, ok bool) {
	if !f.is(i, ops...) || len(f.nodes[i].Proto().Input) != 2 {
		return "", "", false
	}
	a, b := f.in(i, 0), f.in(i, 1)
	switch {
	case f.m.Fixed(b) && !f.m.Fixed(a):
		return a, b, true
	case f.m.Fixed(a) && !f.m.Fixed(b):
		return b, a, true
	}
	return "", "", false
}

// shape returns the shape of a tensor, nil if its rank is not known.
func (f *finder) shape(tensor string) []int64 { return f.m.Tensor(tensor).Shape }

// single says that a tensor is a constant of one element.
func (f *finder) single(tensor string) bool {
	return f.m.Fixed(tensor) && f.m.Tensor(tensor).Elements() == 1
}

// value returns the only element of a constant.
func (f *finder) value(tensor string) (v float64, ok bool) {
	t := f.m.ConstantValue(tensor)
	raw := t.GetRawData()
	switch e := onnx.Elem(t.GetDataType()); {
	case !f.single(tensor):
	case e == onnx.Float32 && len(raw) == 4:
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(raw))), true
	case e == onnx.Uint8 && len(raw) == 1:
		return float64(raw[0]), true
	case e == onnx.Int8 && len(raw) == 1:
		return float64(int8(raw[0])), true
	case e == onnx.Float32 && len(t.GetFloatData()) == 1:
		return float64(t.FloatData[0]), true
	case (e == onnx.Uint8 || e == onnx.Int8) && len(t.GetInt32Data()) == 1:
		return float64(t.Int32Data[0]), true
	}
	return 0, false
}

// integers returns the elements of a constant of int64.
func (f *finder) integers(tensor string) []int64 {
	t := f.m.ConstantValue(tensor)
	list := slices.Clone(t.GetInt64Data())
	for raw := t.GetRawData(); onnx.Elem(t.GetDataType()) == onnx.Int64 && len(raw) >= 8; raw = raw[8:] {
		list = append(list, int64(binary.LittleEndian.Uint64(raw)))
	}
	return list
}

// dims returns the attribute of a list of integers.
func (f *finder) dims(i int, name string) []int64 { return f.nodes[i].Attr(name).GetInts() }

// integer returns an attribute, or what it is without one.
func integer(n *onnx.Node, name string, otherwise int64) int64 {
	if a := n.Attr(name); a != nil {
		return a.GetI()
	}
	return otherwise
}
