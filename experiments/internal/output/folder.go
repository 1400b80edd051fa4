package output

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"
)

// CheckFolder says whether files may be written into a folder: it is new, or empty, but for
// what killed processes have begun there.
// Errors wrap ErrExists, ErrFull or ErrPlace.
func CheckFolder(dir string) error {
	list, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(dir); err == nil {
			return fmt.Errorf("%w: %s is a link to a folder that is not there; name another", ErrExists, dir)
		}
		return nil
	}
	if info, statErr := os.Stat(dir); statErr == nil && !info.IsDir() {
		return fmt.Errorf("%w: %s, where a folder is to be; name another", ErrExists, dir)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrPlace, err)
	}
	for _, e := range list {
		left, err := dead(dir, e, prefixWithin, func(string) error { return nil })
		if err != nil {
			return fmt.Errorf("%w: %w", ErrPlace, err)
		}
		if !left {
			return fmt.Errorf("%w: %s holds %s; name another folder, or empty it", ErrFull, dir, e.Name())
		}
	}
	return nil
}

// Folder has fill write files into a folder that is new or empty. A new folder appears
// when all of it is there; an empty one gets all files or, if fill fails, none. Errors
// wrap those of CheckFolder, or are those of fill.
func Folder(dir string, fill func(temp string) error) (err error) {
	if err := CheckFolder(dir); err != nil {
		return err
	}
	dir = filepath.Clean(dir)
	_, statErr := os.Stat(dir)
	isNew := statErr != nil
	above, prefix := dir, prefixWithin // the temporary folder lies in the same file system
	if isNew {
		above, prefix = filepath.Dir(dir), "."+strings.Trim(filepath.Base(dir), "./")+prefixWithin
		if err := os.MkdirAll(above, 0o755); err != nil {
			return fmt.Errorf("%w: %w", ErrPlace, err)
		}
	}
	temp, unlock, err := partial(above, prefix)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrPlace, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	if err := errors.Join(fill(temp), unlock()); err != nil {
		return err
	}
	if err := os.Chmod(temp, 0o755); err != nil {
		return err
	}
	if isNew {
		if err := os.Rename(temp, dir); err != nil { // it fails where something is meanwhile
			return fmt.Errorf("%w: %w", ErrPlace, err)
		}
		return nil
	}
	return move(temp, dir)
}

// prefixWithin begins the names of folders that are filled within the one that gets their
// files; beside it, the name of the latter stands before.
const prefixWithin = ".partial-"

// lockFile is in a folder that is being filled, and locked by its process.
const lockFile = ".lock"

// partial makes a folder whose name begins with a prefix, and removes those that processes
// which are dead have left. unlock takes the lock away that tells them from this one.
func partial(above, prefix string) (temp string, unlock func() error, err error) {
	list, err := os.ReadDir(above)
	if err != nil {
		return "", nil, err
	}
	for _, e := range list {
		if _, err := dead(above, e, prefix, os.RemoveAll); err != nil {
			return "", nil, err
		}
	}
	if temp, err = os.MkdirTemp(above, prefix+"*"); err != nil {
		return "", nil, err
	}
	l := flock.New(filepath.Join(temp, lockFile))
	taken, err := l.TryLock()
	if err == nil && !taken {
		err = fmt.Errorf("%s was taken for a left one by another process; try again", temp)
	}
	if err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(temp))
	}
	return temp, func() error { return errors.Join(os.Remove(l.Path()), l.Unlock()) }, nil
}

// dead reports whether an entry of a folder is one that partial has made in a process which
// is dead: its name begins with the prefix, and its lock is free. then is called with its
// path, under the lock.
func dead(above string, e fs.DirEntry, prefix string, then func(path string) error) (bool, error) {
	if !e.IsDir() || !strings.HasPrefix(e.Name(), prefix) {
		return false, nil
	}
	path := filepath.Join(above, e.Name())
	l := flock.New(filepath.Join(path, lockFile), flock.SetFlag(os.O_RDWR)) // it makes none
	if taken, err := l.TryLock(); err != nil || !taken {
		return false, nil // one that is filled, or not partial's
	}
	return true, errors.Join(then(path), l.Unlock())
}

// move moves all files of one folder to another, where none of them is.
func move(from, to string) error {
	list, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, e := range list {
		path := filepath.Join(to, e.Name())
		if _, err := os.Lstat(path); err == nil {
			return fmt.Errorf("%w: %s; name another folder", ErrExists, path)
		}
		if err := os.Rename(filepath.Join(from, e.Name()), path); err != nil {
			return err
		}
	}
	return nil
}
