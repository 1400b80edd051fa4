package tensorfile

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/edgeprune/edgeprune/core/onnx"
)

// maxBytes is what a file, and a member of an archive, may have.
const maxBytes = 1 << 30

// Kind is what a file is, as its content says, or else its ending.
type Kind string

// The kinds of files.
const (
	NPY Kind = "an array of numpy"
	NPZ Kind = "an archive of numpy"
	PB  Kind = "a tensor of the ONNX format"
	Raw Kind = "raw elements"
)

// File is a file with tensors.
type File struct {
	Path string
	Kind Kind
	Data []byte // all of it
}

// Open reads a file. A missing one, a folder, and one of more than 1 GiB is ErrFile.
func Open(path string) (*File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFile, err)
	}
	if !info.Mode().IsRegular() || info.Size() > maxBytes {
		return nil, fmt.Errorf("%w: %s is no regular file, or has more than %d bytes", ErrFile, path, maxBytes)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFile, err)
	}
	return &File{Path: path, Kind: kindOf(path, data), Data: data}, nil
}

// endings tell the kind where the content doesn't.
var endings = map[string]Kind{".npy": NPY, ".npz": NPZ, ".pb": PB}

func kindOf(path string, data []byte) Kind {
	switch {
	case bytes.HasPrefix(data, []byte(magic)):
		return NPY
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return NPZ
	}
	if kind, ok := endings[strings.ToLower(filepath.Ext(path))]; ok {
		return kind
	}
	return Raw
}

// Tensors returns the tensors of a file that holds such, by name: those of an archive that
// want names, or the one of an array, whose name is empty. A raw file has none: see Elements.
func (f *File) Tensors(want func(name string) bool) (list []Tensor, err error) {
	var t Tensor
	switch f.Kind {
	case NPY:
		t, err = npy(f.Data)
	case PB:
		t, err = Proto(f.Data)
	case NPZ:
		list, err = members(f.Data, want)
		return list, f.named(err)
	default:
		err = fmt.Errorf("%w: it is %s, which states no type", ErrFile, f.Kind)
	}
	return []Tensor{t}, f.named(err)
}

func (f *File) named(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", f.Path, err)
}

// members reads the arrays of an archive whose names are wanted.
func members(data []byte, want func(name string) bool) ([]Tensor, error) {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("%w: not an archive of numpy: %w", ErrFile, err)
	}
	seen := map[string]bool{}
	for _, m := range archive.File { // before any is read: copies of one would take memory each
		if seen[m.Name] {
			return nil, fmt.Errorf("%w: it has two members %s; write it with numpy.savez, each array once", ErrFile, m.Name)
		}
		seen[m.Name] = true
	}
	var list []Tensor
	for _, m := range archive.File {
		name, ok := strings.CutSuffix(m.Name, ".npy")
		if !ok || !want(name) {
			continue
		}
		if m.UncompressedSize64 > maxBytes {
			return nil, fmt.Errorf("%w: member %s has %d bytes, more than %d", ErrFile, m.Name, m.UncompressedSize64, maxBytes)
		}
		content, err := read(m)
		if err != nil {
			return nil, fmt.Errorf("%w: member %s: %w", ErrFile, m.Name, err)
		}
		t, err := npy(content)
		if err != nil {
			return nil, fmt.Errorf("member %s: %w", m.Name, err)
		}
		t.Name = name
		list = append(list, t)
	}
	return list, nil
}

func read(m *zip.File) ([]byte, error) {
	r, err := m.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, int64(m.UncompressedSize64)+1)) // to the end, where the sum is checked
}

// Elements returns a raw file as a tensor of type t: its bytes, row-major and little-endian,
// or its lines, where t is of strings.
func (f *File) Elements(t onnx.TensorInfo) (Tensor, error) {
	if t.Elem != onnx.String {
		if int64(len(f.Data)) != t.Bytes() {
			return Tensor{}, fmt.Errorf("%w: %s holds %d bytes, %s takes %d", ErrFit, f.Path, len(f.Data), t, t.Bytes())
		}
		return Tensor{TensorInfo: t, Data: f.Data}, nil
	}
	text := strings.TrimSuffix(strings.ReplaceAll(string(f.Data), "\r\n", "\n"), "\n")
	lines := strings.Split(text, "\n")
	if int64(len(lines)) != t.Elements() {
		return Tensor{}, fmt.Errorf("%w: %s holds %d lines, %s takes %d, one for each string", ErrFit, f.Path, len(lines), t,
			t.Elements())
	}
	return Tensor{TensorInfo: t, Strings: lines}, nil
}
