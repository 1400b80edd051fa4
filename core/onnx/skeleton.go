package onnx

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"google.golang.org/protobuf/proto"
)

// The entries of a skeleton's metadata: the SHA-256 of the model, and the tensors that a run
// has shown to be none that can be sent.
const (
	skeletonKey = "edgeprune.skeleton_of"
	opaqueKey   = "edgeprune.skeleton_opaque"
)

// skeletonFile is where a skeleton says that weights lie; there is no such file.
const skeletonFile = "weights-left-out"

// Skeleton writes the model without its large weights: nodes, names, types, shapes that are
// known by now, and constants below 1 KiB. ParseSkeleton reads it; it can be cut as the model
// can, and not be run.
func (m *Model) Skeleton() ([]byte, error) {
	s := *m
	s.ranges, s.packed = map[*onnxpb.TensorProto]Range{}, map[*onnxpb.TensorProto]payload{}
	var weights []*onnxpb.TensorProto
	at := int64(0)
	for _, t := range m.pb.Graph.Initializer {
		p, packed := m.packed[t]
		_, outside := m.ranges[t]
		switch {
		case p.field == fieldSparse:
			s.packed[t] = p
		case outside || packed || len(t.RawData) >= minAlias:
			t = &onnxpb.TensorProto{Dims: t.Dims, DataType: t.DataType, Name: t.Name}
			r := Range{File: skeletonFile, Offset: at, Length: weightInfo("", t).Bytes()}
			s.ranges[t] = r
			at += r.Length
		}
		weights = append(weights, t)
	}
	g := m.around(withoutLarge(m.pb.Graph.Node), m.pb.Graph.ValueInfo)
	g.Input, g.Output = m.pb.Graph.Input, m.pb.Graph.Output
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(m.opaque)), func(name string) bool { return !m.opaque[name] })
	opaque, err := json.Marshal(names)
	if err != nil {
		return nil, err
	}
	s.pb = m.with(m.pb.Graph)
	s.pb.MetadataProps = slices.DeleteFunc(slices.Clone(m.pb.MetadataProps), func(p *onnxpb.StringStringEntryProto) bool {
		return p.GetKey() == skeletonKey || p.GetKey() == opaqueKey
	})
	for _, kv := range [][2]string{{skeletonKey, m.sum}, {opaqueKey, string(opaque)}} {
		s.pb.MetadataProps = append(s.pb.MetadataProps,
			&onnxpb.StringStringEntryProto{Key: proto.String(kv[0]), Value: proto.String(kv[1])})
	}
	chunks, _, err := s.write(g, weights, slices.Collect(maps.Keys(m.spans)), skeletonFile)
	if err != nil {
		return nil, err
	}
	var b []byte
	for _, c := range chunks {
		b = append(b, c.Bytes...)
	}
	return b, nil
}

// withoutLarge returns nodes whose large constants are zeros.
func withoutLarge(nodes []*onnxpb.NodeProto) []*onnxpb.NodeProto {
	large := func(t *onnxpb.TensorProto) bool { return len(t.RawData) >= minAlias }
	list := slices.Clone(nodes)
	for i, n := range list {
		if !slices.ContainsFunc(Constants(n), large) {
			continue
		}
		n = proto.Clone(n).(*onnxpb.NodeProto)
		for _, t := range Constants(n) {
			if large(t) {
				t.RawData = make([]byte, len(t.RawData))
			}
		}
		list[i] = n
	}
	return list
}

// ParseSkeleton reads what Skeleton has written. SHA256 is that of the model. What needs the
// weights is an error wrapping ErrNoWeights. What is no skeleton wraps ErrInvalidModel.
func ParseSkeleton(data []byte) (*Model, error) {
	m, err := ParseFiles(data, noWeights{})
	if err != nil {
		return nil, err
	}
	m.sum = Metadata(m.pb, skeletonKey)
	if sum, err := hex.DecodeString(m.sum); err != nil || len(sum) != 32 {
		return nil, invalid("it is no skeleton: its metadata %s is %q, which is no SHA-256", skeletonKey, m.sum)
	}
	var opaque []string
	if err := json.Unmarshal([]byte(Metadata(m.pb, opaqueKey)), &opaque); err != nil {
		return nil, invalid("metadata %s: %v", opaqueKey, err)
	}
	for _, name := range opaque {
		m.opaque[name] = true
	}
	return m, nil
}

// IsSkeleton reports whether the model is without its weights: see ParseSkeleton.
func (m *Model) IsSkeleton() bool {
	_, is := m.files.(noWeights)
	return is
}

// noWeights are the files of a skeleton.
type noWeights struct{}

func (noWeights) Size(name string) (int64, error) {
	if name != skeletonFile {
		return 0, fmt.Errorf("%w: a skeleton names file %q", ErrNoWeights, name)
	}
	return math.MaxInt64, nil
}

func (noWeights) ReadAt(string, []byte, int64) error { return ErrNoWeights }

// Copy implements Copier.
func (noWeights) Copy(io.Writer, string, int64, int64) error { return ErrNoWeights }
