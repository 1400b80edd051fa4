// Package files opens what kernels read by name, and nothing else: on an agent only what
// lies below the folders that its user gave it, and the cameras and addresses, whoever wrote the plan. It is the one
// door; kernels may open no file past it. It may not write.
package files

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

var (
	// ErrOutside: a path leads to what may not be read. Whether there is anything is not told.
	ErrOutside = errors.New(
		"no such file below the folders that may be read here, which the agent's user gives with --data",
	)
	// ErrFolder: a folder that shall be readable is not there.
	ErrFolder = errors.New("no folder or file that can be read")
	// ErrNotRegular: a path leads to a device, a pipe or a folder.
	ErrNotRegular = errors.New("it is not a regular file")
	// ErrSize: a file has not the size that it must have.
	ErrSize = errors.New("which does not fit")
)

// Allowed says which files may be read: those below its folders, symbolic links resolved. The
// zero Allowed has none. A nil Allowed has all that the process may read: it is for a user's
// own process. It is safe for concurrent use.
type Allowed struct {
	roots     []root
	cameras   []string // patterns of paths
	addresses []*url.URL
}

// root is a folder, or the one file Only in it.
type root struct {
	dir  string // absolute, without symbolic links
	only string // name of the file; "": all below dir
	said string // absolute, as it was given
}

// Below returns what lies below folders; a path of a file is that file alone. Relative paths
// are to the process's folder. An error wraps ErrFolder.
func Below(paths ...string) (*Allowed, error) {
	a := &Allowed{}
	for _, path := range paths {
		said, err := filepath.Abs(path)
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrFolder, path, err)
		}
		real, err := filepath.EvalSymlinks(said)
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrFolder, path, err)
		}
		info, err := os.Stat(real)
		switch {
		case err != nil:
			return nil, fmt.Errorf("%w: %s: %w", ErrFolder, path, err)
		case info.IsDir():
			a.roots = append(a.roots, root{dir: real, said: said})
		case info.Mode().IsRegular():
			a.roots = append(a.roots, root{dir: filepath.Dir(real), only: filepath.Base(real), said: said})
		default:
			return nil, fmt.Errorf("%w: %s: %w", ErrFolder, path, ErrNotRegular)
		}
	}
	return a, nil
}

// below returns a path relative to dir, or ok false if it lies elsewhere.
func below(dir, path string) (rel string, ok bool) {
	rel, err := filepath.Rel(dir, path)
	return rel, err == nil && filepath.IsLocal(rel)
}

// inside returns the path of real, which is absolute and has no links, relative to the root.
func (r *root) inside(real string) (rel string, ok bool) {
	rel, ok = below(r.dir, real)
	return rel, ok && (r.only == "" || rel == r.only)
}

// find returns where a path leads to: a path relative to one of the roots' folders. An error
// wraps ErrOutside, or says what is wrong with a path below a root.
func (a *Allowed) find(path string) (dir, rel string, err error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", "", ErrOutside
	}
	real, err := filepath.EvalSymlinks(abs)
	for i := range a.roots {
		if rel, ok := a.roots[i].inside(real); err == nil && ok {
			return a.roots[i].dir, rel, nil
		}
	}
	if err == nil {
		return "", "", ErrOutside
	}
	// What isn't there may be told of below a root alone.
	parent, err := filepath.EvalSymlinks(filepath.Dir(abs))
	for i := range a.roots {
		r := &a.roots[i]
		rel, ok := below(r.said, abs)
		if !ok && err == nil {
			rel, ok = below(r.dir, filepath.Join(parent, filepath.Base(abs)))
		}
		if ok && r.only == "" {
			return r.dir, rel, nil
		}
	}
	return "", "", ErrOutside
}

// within calls use with the root's folder that a path leads into, and the path in it, which
// os.Root keeps there whatever links are made meanwhile.
func (a *Allowed) within(path string, use func(r *os.Root, rel string) error) error {
	dir, rel, err := a.find(path)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	r, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer r.Close()
	if err = use(r, rel); err == nil {
		return nil
	}
	for _, known := range []error{fs.ErrNotExist, fs.ErrPermission, syscall.ENOTDIR, syscall.ELOOP} {
		if errors.Is(err, known) {
			return &fs.PathError{Op: "open", Path: path, Err: known}
		}
	}
	return fmt.Errorf("%s: %w", path, ErrOutside) // os.Root has no sentinel for what leads out of it
}

// Open opens a regular file; the caller closes it. It never waits, as for the writer of a
// named pipe. Errors wrap ErrOutside, ErrNotRegular or those of package os.
func (a *Allowed) Open(path string) (file *os.File, info fs.FileInfo, err error) {
	const flags = os.O_RDONLY | syscall.O_NONBLOCK
	if a == nil {
		file, err = os.OpenFile(path, flags, 0)
	} else {
		err = a.within(path, func(r *os.Root, rel string) (err error) {
			file, err = r.OpenFile(rel, flags, 0)
			return err
		})
	}
	if err != nil {
		return nil, nil, err
	}
	if info, err = file.Stat(); err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s: %w", path, ErrNotRegular)
	}
	if err != nil {
		file.Close()
		return nil, nil, err
	}
	return file, info, nil
}

// Read returns what a regular file holds, which has one of the sizes, in bytes: else nothing
// of it is read. Errors are those of Open, or wrap ErrSize.
func (a *Allowed) Read(path string, sizes ...int64) ([]byte, error) {
	file, info, err := a.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if !slices.Contains(sizes, info.Size()) {
		return nil, fmt.Errorf("%s holds %d bytes, %w", path, info.Size(), ErrSize)
	}
	data := make([]byte, info.Size())
	_, err = io.ReadFull(file, data)
	return data, err
}

// ReadMost is Read of a file of at most that many bytes.
func (a *Allowed) ReadMost(path string, most int64) ([]byte, error) {
	file, info, err := a.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if info.Size() > most {
		return nil, fmt.Errorf("%s holds %d bytes, %w: the limit is %d", path, info.Size(), ErrSize, most)
	}
	return io.ReadAll(io.LimitReader(file, most))
}

// Path returns the path, without symbolic links where they matter, of a regular file for
// another program to open, and its description. Errors are those of Open.
func (a *Allowed) Path(path string) (string, fs.FileInfo, error) {
	file, info, err := a.Open(path)
	if err != nil {
		return "", nil, err
	}
	defer file.Close()
	if a == nil {
		return path, info, nil
	}
	dir, rel, err := a.find(path)
	if err != nil {
		return "", nil, fmt.Errorf("%s: %w", path, err)
	}
	return filepath.Join(dir, rel), info, nil
}

// List returns the entries of a folder, by name, and what describes each: links resolved,
// nil for one that can't be described, with the error. Errors are those of Open.
func (a *Allowed) List(folder string) ([]Entry, error) {
	var entries []Entry
	var names []fs.DirEntry
	var err error
	if a == nil {
		names, err = os.ReadDir(folder)
	} else {
		err = a.within(folder, func(r *os.Root, rel string) (err error) {
			names, err = fs.ReadDir(r.FS(), filepath.ToSlash(rel))
			return err
		})
	}
	if err != nil {
		return nil, err
	}
	for _, e := range names {
		entries = append(entries, Entry{Name: e.Name(), path: filepath.Join(folder, e.Name()), of: a})
	}
	return entries, nil
}

// Entry is what a folder holds under a name.
type Entry struct {
	Name string
	path string
	of   *Allowed
}

// Info describes what the entry leads to. Errors are those of Open.
func (e Entry) Info() (info fs.FileInfo, err error) {
	if e.of == nil {
		return os.Stat(e.path)
	}
	err = e.of.within(e.path, func(r *os.Root, rel string) (err error) {
		info, err = r.Stat(rel)
		return err
	})
	return info, err
}
