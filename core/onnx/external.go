package onnx

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"path"
	"strconv"
	"strings"

	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"google.golang.org/protobuf/proto"
)

// Files gives access to the other files in a model's directory. Names are
// clean, relative, slash-separated and without "..". The implementation sees to it that
// links don't lead out of the directory.
type Files interface {
	// Size returns the length of a file in bytes.
	Size(name string) (int64, error)
	// ReadAt fills p with the bytes from offset on; fewer are an error.
	ReadAt(name string, p []byte, offset int64) error
}

// Copier is what Files may be beside: it moves weights without their passing
// through memory of this program.
type Copier interface {
	// Copy writes length bytes of a file, from offset on, to w; fewer are an error.
	Copy(w io.Writer, name string, offset, length int64) error
}

// Locator is what Files may be beside: it says under which other name a file is there.
type Locator interface {
	// Locate returns the name that a file that a model names has. A name that it has
	// returned stands for itself.
	Locate(name string) (string, error)
}

// Range is a part of a file in the model's directory.
type Range struct {
	File           string
	Offset, Length int64 // bytes
}

// maxInlineBytes bounds the external data of constants within nodes that liftConstants leaves
// there, which are read at once.
const maxInlineBytes = 16 << 20

func external(t *onnxpb.TensorProto) bool {
	return t.GetDataLocation() == onnxpb.TensorProto_EXTERNAL || len(t.ExternalData) > 0
}

// rangeOf reads and checks where a tensor's external data lies.
func (m *Model) rangeOf(t *onnxpb.TensorProto) (Range, error) {
	if m.files == nil {
		return Range{}, fmt.Errorf("%w: weights in another file; open the model from its directory", ErrExternalData)
	}
	info := weightInfo(t.GetName(), t)
	want := info.Bytes()
	if want < 0 || want == math.MaxInt64 {
		return Range{}, fmt.Errorf("%w of shape %v and type %s", ErrExternalRange, t.Dims, info.Elem)
	}
	r := Range{Length: want}
	for _, e := range t.ExternalData {
		var err error
		switch v := e.GetValue(); e.GetKey() {
		case "location":
			if r.File, err = m.locate(v); err == nil && r.File != v {
				e.Value = proto.String(r.File)
			}
		case "offset":
			r.Offset, err = strconv.ParseInt(v, 10, 64)
		case "length":
			r.Length, err = strconv.ParseInt(v, 10, 64)
		}
		if err != nil {
			return Range{}, fmt.Errorf("%w: %s: %w", ErrExternalRange, e.GetKey(), err)
		}
	}
	if r.File == "" {
		return Range{}, fmt.Errorf("%w: no file is named", ErrExternalRange)
	}
	if r.Length != want {
		return Range{}, fmt.Errorf("%w: %d bytes in %s, shape %v of %s wants %d", ErrExternalRange, r.Length, r.File, t.Dims,
			info.Elem, want)
	}
	size, ok := m.sizes[r.File]
	if !ok {
		var err error
		if size, err = m.files.Size(r.File); err != nil {
			return Range{}, fmt.Errorf("%w: %w", ErrExternalRange, err)
		}
		if err := m.checkPointer(r.File, size); err != nil {
			return Range{}, err
		}
		m.sizes[r.File] = size
	}
	if r.Offset < 0 || r.Offset > size || r.Length > size-r.Offset {
		return Range{}, fmt.Errorf("%w: bytes %d to %d of %s, which has %d", ErrExternalRange, r.Offset, r.Offset+r.Length,
			r.File, size)
	}
	return r, nil
}

// locate returns the name of a file that a tensor names.
func (m *Model) locate(name string) (string, error) {
	name, err := localName(name)
	l, ok := m.files.(Locator)
	if err != nil || !ok {
		return name, err
	}
	if name, err = l.Locate(name); err != nil {
		return "", err
	}
	return localName(name)
}

// checkPointer proves that a file is no pointer of Git LFS.
func (m *Model) checkPointer(file string, size int64) error {
	if size >= lfsBytes {
		return nil
	}
	begin, err := m.read(Range{File: file, Length: min(size, int64(len(lfsPointer)+3))})
	if err == nil && lfs(begin) {
		err = errors.New(pointerText("weights"))
	}
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrExternalRange, file, err)
	}
	return nil
}

// localName returns the clean form of a path that stays in the directory.
func localName(name string) (string, error) {
	clean := path.Clean(name)
	up := false
	for part := range strings.SplitSeq(name, "/") {
		up = up || part == ".."
	}
	if up || clean == "." || strings.ContainsAny(name, "\\\x00") || !fs.ValidPath(clean) {
		return "", fmt.Errorf("%q leads out of the model's directory or is no path; use a relative one without \"..\"", name)
	}
	return clean, nil
}

// read returns the bytes of a range.
func (m *Model) read(r Range) ([]byte, error) {
	data := make([]byte, r.Length)
	if err := m.files.ReadAt(r.File, data, r.Offset); err != nil {
		return nil, fmt.Errorf("bytes %d to %d of %s: %w", r.Offset, r.Offset+r.Length, r.File, err)
	}
	return data, nil
}

// inline reads the external data of a constant within a node into it.
func (m *Model) inline(t *onnxpb.TensorProto) error {
	r, err := m.rangeOf(t)
	if err != nil {
		return err
	}
	if m.inlined += r.Length; m.inlined > maxInlineBytes {
		return fmt.Errorf("%w: more than %d MiB of external data belong to constants within nodes; make them initializers",
			ErrTooLarge, maxInlineBytes>>20)
	}
	if t.RawData, err = m.read(r); err != nil {
		return fmt.Errorf("%w: %w", ErrExternalRange, err)
	}
	t.ExternalData, t.DataLocation = nil, nil
	return nil
}
