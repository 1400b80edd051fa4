package onnx

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// maxFileBytes is what a protobuf message, and so a model file, may have.
const maxFileBytes = 1<<31 - 1

// Chunk is a piece of a file to be written: bytes, or else a range of a file in
// the model's directory.
type Chunk struct {
	Bytes []byte
	Range Range
}

// Len returns the length in bytes.
func (c Chunk) Len() int64 {
	if c.Bytes != nil {
		return int64(len(c.Bytes))
	}
	return c.Range.Length
}

// Sub is a sub-model, ready to be written: what its files hold, in order.
// Weights are not in it but where they were, in the bytes given to Parse or in
// the model's files, so that they can be moved from file to file.
type Sub struct {
	Inputs, Outputs []TensorInfo
	Model           []Chunk // of the model file
	Data            []Chunk // of the file for external data; nil if there is none
	m               *Model
}

// Size returns the bytes of the model file and of the file for external data.
func (s *Sub) Size() (model, data int64) { return total(s.Model), total(s.Data) }

func total(chunks []Chunk) int64 {
	n := int64(0)
	for _, c := range chunks {
		n += c.Len()
	}
	return n
}

// blockBytes is the memory that writing takes.
const blockBytes = 1 << 20

// WriteModel writes the model file. It holds no more than 1 MiB of weights at
// a time.
func (s *Sub) WriteModel(w io.Writer) error { return s.write(w, s.Model) }

// WriteData writes the file for external data; see WriteModel.
func (s *Sub) WriteData(w io.Writer) error { return s.write(w, s.Data) }

func (s *Sub) write(w io.Writer, chunks []Chunk) error {
	if s.m.IsSkeleton() { // constants within nodes are zeros
		return ErrNoWeights
	}
	copier, copies := s.m.files.(Copier)
	var block []byte
	for _, c := range chunks {
		if c.Bytes != nil {
			if _, err := w.Write(c.Bytes); err != nil {
				return err
			}
			continue
		}
		if copies {
			if err := copier.Copy(w, c.Range.File, c.Range.Offset, c.Range.Length); err != nil {
				return fmt.Errorf("copy %d bytes of %s at byte %d: %w", c.Range.Length, c.Range.File, c.Range.Offset, err)
			}
			continue
		}
		if block == nil {
			block = make([]byte, blockBytes)
		}
		for r := c.Range; r.Length > 0; {
			part := block[:min(r.Length, blockBytes)]
			if err := s.m.files.ReadAt(r.File, part, r.Offset); err != nil {
				return fmt.Errorf("read %s at byte %d: %w", r.File, r.Offset, err)
			}
			if _, err := w.Write(part); err != nil {
				return err
			}
			r.Offset, r.Length = r.Offset+int64(len(part)), r.Length-int64(len(part))
		}
	}
	return nil
}

// Bytes returns the model file of a sub-model without external data.
func (s *Sub) Bytes() ([]byte, error) {
	n, _ := s.Size()
	b := bytes.NewBuffer(make([]byte, 0, n))
	err := s.WriteModel(b)
	return b.Bytes(), err
}

// writer lays out the files of a sub-model.
type writer struct {
	m        *Model
	dataName string
	model    []Chunk
	data     []Chunk
	offset   int64           // end of data
	placed   map[Range]int64 // ranges in data
}

// write lays out the model around graph g, which comes without initializers,
// with those of weights. External data goes to a file of the given name, or
// into the model if that is empty. The metadata keep the spans of tensors.
func (m *Model) write(g *onnxpb.GraphProto, weights []*onnxpb.TensorProto, tensors []string, dataName string) (
	model, data []Chunk, err error,
) {
	w := &writer{m: m, dataName: dataName, placed: map[Range]int64{}}
	for _, t := range weights {
		if err := w.weight(t); err != nil {
			return nil, nil, fmt.Errorf("initializer %q: %w", t.GetName(), err)
		}
	}
	o := proto.MarshalOptions{Deterministic: true}
	graph, err := o.Marshal(g)
	if err != nil {
		return nil, nil, err
	}
	whole := m.with(nil)
	whole.MetadataProps = m.spanProps(tensors)
	head, err := o.Marshal(whole)
	if err != nil {
		return nil, nil, err
	}
	size := int64(len(graph)) + total(w.model)
	if size+int64(len(head)) > maxFileBytes-16 {
		return nil, nil,
			fmt.Errorf("%w: the sub-model has %d bytes, one file may have %d; write its weights to a file for external data",
				ErrTooLarge, size, maxFileBytes)
	}
	head = protowire.AppendTag(head, fieldGraph, protowire.BytesType)
	head = protowire.AppendVarint(head, uint64(size))
	return slices.Concat([]Chunk{{Bytes: append(head, graph...)}}, w.model), w.data, nil
}

// weight adds an initializer: a header, and the data of a large one where it
// is.
func (w *writer) weight(t *onnxpb.TensorProto) error {
	r, outside := w.m.ranges[t]
	data := payload{fieldRawData, t.RawData}
	if p, ok := w.m.packed[t]; ok {
		data = p
	}
	if data.field == fieldSparse {
		w.model = append(w.model, Chunk{Bytes: appendSparse(nil, data.data)})
		return nil
	}
	rest := Chunk{Bytes: data.data}
	head := t
	if outside || len(data.data) >= minAlias {
		head = &onnxpb.TensorProto{Dims: t.Dims, DataType: t.DataType, Name: t.Name, DocString: t.DocString}
		head.ProtoReflect().SetUnknown(t.ProtoReflect().GetUnknown())
	}
	switch {
	case head == t:
		rest = Chunk{}
	case outside && w.dataName != "":
		at := w.place(r)
		SetExternal(head, w.dataName, at, r.Length)
		rest = Chunk{}
	case outside:
		rest = Chunk{Range: r}
	}
	h, err := proto.MarshalOptions{Deterministic: true}.Marshal(head)
	if err != nil {
		return err
	}
	if rest.Len() > 0 {
		h = protowire.AppendTag(h, data.field, protowire.BytesType)
		h = protowire.AppendVarint(h, uint64(rest.Len()))
	}
	field := protowire.AppendTag(nil, fieldInitializer, protowire.BytesType)
	field = protowire.AppendVarint(field, uint64(int64(len(h))+rest.Len()))
	w.model = append(w.model, Chunk{Bytes: append(field, h...)})
	if rest.Len() > 0 {
		w.model = append(w.model, rest)
	}
	return nil
}

// SetExternal says that a tensor's data lies in another file, at an offset and of a
// length in bytes.
func SetExternal(t *onnxpb.TensorProto, file string, offset, length int64) {
	t.DataLocation = onnxpb.TensorProto_EXTERNAL.Enum()
	for _, kv := range [][2]string{
		{"location", file}, {"offset", strconv.FormatInt(offset, 10)}, {"length", strconv.FormatInt(length, 10)},
	} {
		t.ExternalData = append(t.ExternalData,
			&onnxpb.StringStringEntryProto{Key: proto.String(kv[0]), Value: proto.String(kv[1])})
	}
}

// pageBytes aligns large weights in a file for external data, so that they can
// be mapped into memory; small ones are aligned to a cache line.
const pageBytes, lineBytes = 4096, 64

// place puts a range into the file for external data, once, and returns its
// offset there.
func (w *writer) place(r Range) int64 {
	if at, ok := w.placed[r]; ok {
		return at
	}
	align := int64(lineBytes)
	if r.Length >= 16*pageBytes {
		align = pageBytes
	}
	if gap := -w.offset & (align - 1); gap > 0 {
		w.data = append(w.data, Chunk{Bytes: make([]byte, gap)})
		w.offset += gap
	}
	at := w.offset
	if r.Length > 0 {
		w.data = append(w.data, Chunk{Range: r})
		w.offset += r.Length
	}
	w.placed[r] = at
	return at
}
