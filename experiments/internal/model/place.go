package model

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/edgeprune/edgeprune/core/onnx"
)

// read returns the bytes of a model file. A folder in its place is ErrNoFile, which names the
// models in it.
func read(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Mode().IsRegular() {
		return os.ReadFile(path)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%w: %s is a device or a pipe; name a model file", ErrNoFile, path)
	}
	if _, err := os.Stat(filepath.Join(path, "saved_model.pb")); err == nil {
		return nil, fmt.Errorf("%w: %s holds a TensorFlow SavedModel; convert it with tf2onnx --saved-model", ErrNoFile, path)
	}
	const most = 5
	var found []string
	err = filepath.WalkDir(path, func(at string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return nil // what can't be read isn't named
		case !d.IsDir() && filepath.Ext(at) == ".onnx":
			found = append(found, at)
		case d.IsDir() && at != path && strings.HasPrefix(d.Name(), "."):
			return filepath.SkipDir
		}
		if len(found) > most {
			return filepath.SkipAll
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%w: %s holds no .onnx file; export the model to ONNX, or name another folder's file",
			ErrNoFile, path)
	}
	if len(found) > most {
		found = append(found[:most], "…")
	}
	return nil, fmt.Errorf("%w: %s is a folder; name the model in it: %s", ErrNoFile, path, strings.Join(found, ", "))
}

// parse reads the model whose bytes the file at path has. Its external data lies beside the
// file; where that is a link, as in the caches of model hubs, beside the file that it leads
// to. dir is that folder; moved says that the model's own bytes have other names for what is
// there.
func parse(path string, data []byte) (m *onnx.Model, dir string, moved bool, err error) {
	dir = filepath.Dir(path)
	m, err = onnx.ParseFiles(data, Folder(dir))
	if !errors.Is(err, onnx.ErrExternalRange) {
		return m, dir, false, err
	}
	real, linkErr := filepath.EvalSymlinks(path)
	if linkErr != nil || filepath.Dir(real) == dir || sameFolder(filepath.Dir(real), dir) {
		return nil, dir, false, err
	}
	m, err = onnx.ParseFiles(data, linked{Folder(filepath.Dir(real)), dir})
	return m, filepath.Dir(real), true, err
}

// FilesOf returns the files that the model in the file at path is made of, as far as it can
// be read.
func FilesOf(path string) []string {
	if data, err := read(path); err == nil {
		if m, dir, _, err := parse(path, data); err == nil {
			return files(path, dir, m)
		}
	}
	return []string{path}
}

func files(path, dir string, m *onnx.Model) []string {
	all := []string{path}
	for _, name := range m.DataFiles() {
		all = append(all, filepath.Join(dir, filepath.FromSlash(name)))
	}
	return all
}

func sameFolder(a, b string) bool {
	x, err := os.Stat(a)
	y, err2 := os.Stat(b)
	return err == nil && err2 == nil && os.SameFile(x, y)
}

// linked is the folder of a model file that a link leads to, where links beside that one may
// stand for other files of the folder.
type linked struct {
	Folder
	links string // folder of the link to the model
}

// Locate implements onnx.Locator.
func (l linked) Locate(name string) (string, error) {
	real, err := filepath.EvalSymlinks(filepath.Join(l.links, filepath.FromSlash(name)))
	if errors.Is(err, fs.ErrNotExist) {
		return name, nil // it lies in the folder itself, or nowhere
	}
	if err != nil {
		return "", err
	}
	home, err := filepath.EvalSymlinks(string(l.Folder))
	if err != nil {
		return "", err
	}
	for _, path := range []*string{&real, &home} { // one may be relative, and the other not
		if *path, err = filepath.Abs(*path); err != nil {
			return "", err
		}
	}
	rel, err := filepath.Rel(home, real)
	if err != nil || !filepath.IsLocal(rel) {
		return "", fmt.Errorf("%s is %s, which does not lie beside the model file, in %s", name, real, home)
	}
	return filepath.ToSlash(rel), nil
}

// Folder gives access to the files beside a model, and to none outside, whatever
// links say.
type Folder string

// Size implements onnx.Files.
func (f Folder) Size(name string) (size int64, err error) {
	err = f.open(name, func(file *os.File) error {
		info, err := file.Stat()
		if err == nil {
			size = info.Size()
		}
		return err
	})
	return size, err
}

// ReadAt implements onnx.Files.
func (f Folder) ReadAt(name string, p []byte, offset int64) error {
	return f.open(name, func(file *os.File) error {
		_, err := file.ReadAt(p, offset)
		return err
	})
}

// Copy implements onnx.Copier: between files it is done by the system.
func (f Folder) Copy(w io.Writer, name string, offset, length int64) error {
	return f.open(name, func(file *os.File) error {
		if _, err := file.Seek(offset, io.SeekStart); err != nil {
			return err
		}
		n, err := io.Copy(w, io.LimitReader(file, length))
		if err == nil && n < length {
			err = io.ErrUnexpectedEOF
		}
		return err
	})
}

func (f Folder) open(name string, use func(*os.File) error) error {
	root, err := os.OpenRoot(string(f))
	if err != nil {
		return err
	}
	defer root.Close()
	name = filepath.FromSlash(name)
	info, err := root.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no file %s beside the model, in %s; fetch it too (%w)", name, string(f), fs.ErrNotExist)
	}
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() { // opening a pipe waits for ever
		return fmt.Errorf("%s is no regular file", name)
	}
	file, err := root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(use(file), file.Close())
}
