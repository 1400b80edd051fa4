// Package output writes files where a user says. Nothing that exists is overwritten unless
// the user asks for that, and never what was read. It may not know what the files hold.
package output

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"
)

// Target is a file to be written.
type Target struct {
	Path    string
	Replace bool     // a file that exists may be replaced
	Inputs  []string // files that were read, which are never replaced; those that aren't there count as not named
}

// Check says whether the target may be written, before the work that makes its content.
// Errors wrap ErrExists, ErrNoFile or ErrInput.
func (t Target) Check() error {
	_, err := t.place()
	return err
}

// place returns what a target's path stands for: the file behind a link.
func (t Target) place() (fs.FileInfo, error) {
	info, err := os.Stat(t.Path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(t.Path); err == nil {
			return nil, fmt.Errorf("%w: %s is a link to a file that is not there; name another", ErrExists, t.Path)
		}
		return nil, nil
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrPlace, err)
	case info.IsDir():
		return nil, fmt.Errorf("%w: %s; name a file in it", ErrNoFile, t.Path)
	}
	for _, path := range t.Inputs {
		if in, err := os.Stat(path); err == nil && os.SameFile(info, in) {
			return nil, fmt.Errorf("%w: %s is %s; name another file", ErrInput, t.Path, path)
		}
	}
	if info.Mode().IsRegular() && !t.Replace {
		return nil, fmt.Errorf("%w: %s; name another, or replace it by --force", ErrExists, t.Path)
	}
	return info, nil
}

// Write writes data to the target: a file appears or is replaced when all of it is there,
// and a device or a pipe is written to. It makes the folders above a file that are
// missing. Errors wrap those of Check, or say what the file system does.
func (t Target) Write(data []byte) error {
	info, err := t.place()
	switch {
	case err != nil:
		return err
	case info != nil && !info.Mode().IsRegular():
		return stream(t.Path, data)
	case info != nil:
		real, err := filepath.EvalSymlinks(t.Path) // a link stays one
		if err != nil {
			return fmt.Errorf("%w: %w", ErrPlace, err)
		}
		return named(t.Path, renameio.WriteFile(real, data, 0o644, renameio.WithTempDir(filepath.Dir(real)),
			renameio.WithExistingPermissions()))
	}
	dir := filepath.Dir(t.Path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("%w: %w", ErrPlace, err)
	}
	f, err := renameio.NewPendingFile(t.Path, renameio.WithTempDir(dir), renameio.WithPermissions(0o644))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrPlace, err)
	}
	defer func() { _ = f.Cleanup() }() // of what is not in its place
	if _, err := f.Write(data); err != nil {
		return named(t.Path, err)
	}
	if err := f.Sync(); err != nil {
		return named(t.Path, err)
	}
	// Unlike a rename, a link takes no name that somebody else has taken meanwhile.
	err = os.Link(f.Name(), t.Path)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%w: %s; name another, or replace it by --force", ErrExists, t.Path)
	}
	if err != nil { // a file system without links
		err = f.CloseAtomicallyReplace()
	}
	return named(t.Path, err)
}

// stream writes to a device or a pipe.
func stream(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrPlace, err)
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}

// named says which file could not be written.
func named(path string, err error) error {
	if err != nil {
		return fmt.Errorf("output: write %s: %w", path, err)
	}
	return nil
}
