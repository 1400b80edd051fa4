package model

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/picture"
	"github.com/edgeprune/edgeprune/experiments/internal/tensorfile"
)

// given is what a file holds for an input: a tensor with a type of its own, or a picture or
// raw elements, which take the input's.
type given struct {
	path   string
	tensor *Tensor
	file   *tensorfile.File
	more   []*tensorfile.File // further ones, of a batch of pictures
}

// fit returns a tensor for an input, and where it comes from.
func (g given) fit(t onnx.TensorInfo, reshape bool, c picture.Conversion) (fitted Tensor, source string, err error) {
	note := ""
	switch {
	case g.tensor != nil:
		fitted, note, err = tensorfile.Fit(*g.tensor, t, reshape)
	case pictured(g.file, t):
		fitted.TensorInfo = t
		fitted.Data, err = g.pictures(t, c)
		if len(g.more) > 0 {
			note = fmt.Sprintf("and %d more", len(g.more))
		}
	default:
		fitted, err = g.file.Elements(t)
	}
	if err != nil {
		return fitted, "", fmt.Errorf("%w: %s for %s: %w", ErrInput, g.path, t, err)
	}
	if note != "" {
		return fitted, fmt.Sprintf("%s (%s)", g.path, note), nil
	}
	return fitted, g.path, nil
}

// assign reads the files that specs name, as NAME=FILE, or FILE where it is clear which
// input it is for: the model's only one, those that members of an archive are named after,
// or all, of a folder of test data.
func (m *Model) assign(specs []string) (map[string]given, error) {
	files := map[string]given{}
	for _, spec := range specs {
		err := m.assignOne(spec, func(name string, g given) error {
			first, twice := files[name]
			switch {
			case !twice:
				files[name] = g
			case first.asPicture() && g.asPicture():
				first.more = append(first.more, g.file)
				files[name] = first
			default:
				return fmt.Errorf("input %s is given twice", name)
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("%w: --input %s: %w", ErrInput, spec, err)
		}
	}
	return files, nil
}

func (m *Model) assignOne(spec string, put func(name string, g given) error) error {
	name, path, err := m.place(spec)
	if err != nil {
		return err
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() && name == "" {
		tensors, err := testInputs(path, m.Inputs())
		if err != nil {
			return err
		}
		for _, t := range tensors {
			if err := put(t.Name, given{path: path, tensor: &t}); err != nil {
				return err
			}
		}
		return nil
	}
	file, err := tensorfile.Open(path)
	if err != nil {
		return err
	}
	var list []Tensor
	switch file.Kind {
	case tensorfile.NPZ:
		return m.assignMembers(name, file, put)
	case tensorfile.NPY, tensorfile.PB:
		if list, err = file.Tensors(nil); err != nil {
			return err
		}
	default:
		list = []Tensor{{}}
	}
	if name == "" && m.isInput(list[0].Name) {
		name = list[0].Name
	}
	if name, err = m.only(name); err != nil {
		return err
	}
	g := given{path: path, file: file}
	if file.Kind == tensorfile.NPY || file.Kind == tensorfile.PB {
		g.tensor = &list[0]
	}
	return put(name, g)
}

// assignMembers takes the members of an archive: the one of the input's name, or the only
// one, for a named input; else each for the input that it is named after, or, as numpy
// names what has no name, arr_0, arr_1 ... in the order of the inputs.
func (m *Model) assignMembers(name string, file *tensorfile.File, put func(name string, g given) error) error {
	var names []string
	if _, err := file.Tensors(func(member string) bool { names = append(names, member); return false }); err != nil {
		return err
	}
	members := map[string]string{} // of the archive, by input
	for i, t := range m.Inputs() {
		for _, member := range []string{t.Name, fmt.Sprintf("arr_%d", i)} {
			if members[t.Name] == "" && slices.Contains(names, member) {
				members[t.Name] = member
			}
		}
	}
	if name == "" && len(m.Inputs()) == 1 {
		name = m.Inputs()[0].Name
	}
	if name != "" {
		if members[name] == "" && len(names) == 1 {
			members[name] = names[0]
		}
		members = map[string]string{name: members[name]}
		if members[name] == "" {
			members = nil
		}
	}
	if len(members) == 0 {
		return fmt.Errorf("it holds %s; name an array after each input: %s", strings.Join(names, ", "), m.inputList())
	}
	for _, t := range m.Inputs() {
		member, ok := members[t.Name]
		if !ok {
			continue
		}
		list, err := file.Tensors(func(name string) bool { return name == member })
		if err != nil {
			return err
		}
		for i := range list {
			if err := put(t.Name, given{path: file.Path, tensor: &list[i]}); err != nil {
				return err
			}
		}
	}
	return nil
}

// place parts NAME=FILE at the equals sign behind an input's name, the longest that there
// is; name is empty if there is none, and the file's name may hold one.
func (m *Model) place(spec string) (name, path string, err error) {
	for i := len(spec) - 1; i > 0; i-- {
		if spec[i] == '=' && m.isInput(spec[:i]) {
			return spec[:i], spec[i+1:], nil
		}
	}
	if before, _, named := strings.Cut(spec, "="); named {
		if _, err := os.Stat(spec); errors.Is(err, os.ErrNotExist) {
			return "", "", fmt.Errorf("the model has no input %q; its inputs are %s%s", before, m.inputList(),
				nearest.Hint(before, m.inputNames()))
		}
	}
	return "", spec, nil
}

func (m *Model) isInput(name string) bool {
	return slices.ContainsFunc(m.Inputs(), func(t onnx.TensorInfo) bool { return t.Name == name })
}

// only returns the name, or that of the only input.
func (m *Model) only(name string) (string, error) {
	switch inputs := m.Inputs(); {
	case name != "":
		return name, nil
	case len(inputs) == 1:
		return inputs[0].Name, nil
	case len(inputs) == 0:
		return "", errors.New("the model has no input")
	}
	return "", fmt.Errorf("say which input it is for, as NAME=FILE; the inputs are %s", m.inputList())
}

func (m *Model) inputNames() []string {
	var names []string
	for _, t := range m.Inputs() {
		names = append(names, t.Name)
	}
	return names
}

func (m *Model) inputList() string {
	var list []string
	for _, t := range m.Inputs() {
		list = append(list, t.Name+" "+typeText(t))
	}
	return strings.Join(list, ", ")
}

// pictureEndings are those of files that are read as pictures whatever is in them.
var pictureEndings = []string{".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff"}

// pictured reports whether a file is to be read as a picture: by its content, unless it has
// just the size of the raw elements, or by its name.
func pictured(f *tensorfile.File, t onnx.TensorInfo) bool {
	return slices.Contains(pictureEndings, strings.ToLower(filepath.Ext(f.Path))) ||
		t.Elem != onnx.String && picture.Known(f.Data) && int64(len(f.Data)) != t.Bytes()
}

// asPicture reports whether what is given may be a picture, and one of a batch.
func (g given) asPicture() bool {
	return g.tensor == nil && (picture.Known(g.file.Data) ||
		slices.Contains(pictureEndings, strings.ToLower(filepath.Ext(g.path))))
}

// pictures makes elements of one picture, or of as many as a batch has, by the rule of
// package picture.
func (g given) pictures(t onnx.TensorInfo, c picture.Conversion) ([]byte, error) {
	var list []*picture.RGB
	for i, file := range append([]*tensorfile.File{g.file}, g.more...) {
		p, err := picture.Decode(file.Data, c.Options)
		switch {
		case err != nil && i > 0:
			return nil, fmt.Errorf("%s: %w", file.Path, err)
		case err != nil:
			return nil, err
		}
		list = append(list, p)
	}
	return c.Tensor(list, t)
}
