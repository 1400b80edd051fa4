// Package tempdir makes temporary folders that are gone when their process is: at the
// latest when the next process makes one. It may not remove what another process uses,
// nor what another user made.
package tempdir

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/gofrs/flock"
)

// Prefix begins the names of all folders.
const Prefix = "edgeprune-"

// suffix ends the name of the file beside a folder, which its process keeps locked. A lock
// ends with its process, however that ends.
const suffix = ".lock"

// mark is what that file holds once the folder is made. A file without it is not of this
// package, and says nothing about the folder beside it.
const mark = "edgeprune: the folder beside this file is temporary; it is removed when its process has ended\n"

// tries is how often a name is tried; each fails only if another process cleans up
// at that moment.
const tries = 10

// Dir is a temporary folder. Its owner calls Remove.
type Dir struct {
	Path string
	lock *flock.Flock
}

// Make makes a folder in the system's temporary directory, named after what it is for. It
// first removes those whose processes are dead.
func Make(use string) (*Dir, error) {
	clean()
	for range tries {
		d, err := attempt(use)
		if d != nil || err != nil {
			return d, err
		}
	}
	return nil, fmt.Errorf("tempdir: no name in %s could be locked in %d attempts", os.TempDir(), tries)
}

// attempt makes a folder; nil if another process held its lock, to see whether it is dead.
func attempt(use string) (*Dir, error) {
	f, err := os.CreateTemp("", Prefix+use+"-*"+suffix)
	if err != nil {
		return nil, fmt.Errorf("tempdir: %w", err)
	}
	path := f.Name()
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("tempdir: %w", err)
	}
	l := flock.New(path)
	taken, err := l.TryLock()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("tempdir: %w", err), os.Remove(path))
	}
	if !taken || !inPlace(l) {
		_ = os.Remove(path) // it may be gone
		return nil, l.Unlock()
	}
	d := &Dir{Path: strings.TrimSuffix(path, suffix), lock: l}
	if err := os.Mkdir(d.Path, 0o700); err != nil {
		return nil, errors.Join(fmt.Errorf("tempdir: %w", err), os.Remove(path), l.Unlock())
	}
	// Now the folder is known to be one of this package's.
	if err := os.WriteFile(path, []byte(mark), 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("tempdir: %w", err), d.Remove())
	}
	return d, nil
}

// inPlace reports whether a locked file still is the one of its name.
func inPlace(l *flock.Flock) bool {
	held, err := l.Stat()
	if err != nil {
		return false
	}
	named, err := os.Lstat(l.Path())
	return err == nil && os.SameFile(held, named)
}

// Remove removes the folder with all that is in it. It may be called again.
func (d *Dir) Remove() error {
	if !d.lock.Locked() {
		return nil
	}
	// What the lock is beside goes first: a process that is killed in between leaves what can be found.
	err := os.RemoveAll(d.Path)
	if err == nil {
		err = os.Remove(d.lock.Path())
	}
	return errors.Join(err, d.lock.Unlock())
}

// clean removes the folders of dead processes. What can't be removed now is met again.
func clean() {
	entries, err := os.ReadDir(os.TempDir())
	if err != nil {
		return // making a folder there fails, and says why
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), Prefix) || !strings.HasSuffix(e.Name(), suffix) {
			continue
		}
		path := filepath.Join(os.TempDir(), e.Name())
		dir := strings.TrimSuffix(path, suffix)
		info, err := os.Lstat(path)
		if err != nil || !info.Mode().IsRegular() || !own(info) {
			continue
		}
		l := flock.New(path, flock.SetFlag(os.O_RDWR))
		if taken, err := l.TryLock(); err != nil || !taken {
			continue
		}
		if inPlace(l) && marked(path) && removable(dir) && os.RemoveAll(dir) == nil {
			_ = os.Remove(path)
		}
		_ = l.Unlock()
	}
}

// marked reports whether a file holds the mark, and no more.
func marked(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	held, err := io.ReadAll(io.LimitReader(f, int64(len(mark))+1))
	return err == nil && string(held) == mark
}

// removable reports whether a path is a folder of this user's, or nothing.
func removable(dir string) bool {
	info, err := os.Lstat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return true
	}
	return err == nil && info.IsDir() && own(info)
}

// own reports whether a file is this user's.
func own(info fs.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(s.Uid) == os.Getuid()
}
