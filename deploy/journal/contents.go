package journal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// Contents is what a journal held when it was opened.
type Contents struct {
	Actors map[int]*Actor // by index in the plan's graph
	Torn   int64          // bytes at the end that were no whole record, and were cut off
}

// Actor is what a journal holds of an actor.
type Actor struct {
	Records []Record // by firing, ascending; firings that made no record are left out
}

// Firings returns one more than the last firing that is saved, 0 for none.
func (a *Actor) Firings() int64 {
	if a == nil || len(a.Records) == 0 {
		return 0
	}
	return a.Records[len(a.Records)-1].Firing + 1
}

// read takes the records that a file begins with.
func read(b []byte) (*Contents, error) {
	c := &Contents{Actors: map[int]*Actor{}}
	if len(b) < len(magic) && strings.HasPrefix(magic, string(b)) {
		c.Torn = int64(len(b))
		return c, nil
	}
	if !strings.HasPrefix(string(b[:min(len(b), len(magic))]), magic) {
		return nil, ErrFormat
	}
	n := scan(b[len(magic):], func(actor int, r Record, _ []byte) bool {
		a := c.Actors[actor]
		if a == nil {
			a = &Actor{}
			c.Actors[actor] = a
		}
		if r.Firing < a.Firings() {
			return false
		}
		a.Records = append(a.Records, r)
		return true
	})
	c.Torn = int64(len(b) - len(magic) - n)
	return c, nil
}

// open opens a file and locks it, or finds ErrLocked.
func open(path string, flag int) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|flag, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("%w: %s: %w", ErrLocked, path, err)
	}
	return f, nil
}

// Clean removes the journals in a directory that no process has open, but for the
// one at keep. Other files of such names stay. A directory that is not there is no error.
func Clean(dir, keep string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if !strings.Contains(e.Name(), Suffix) || path == filepath.Clean(keep) {
			continue
		}
		if f, err := open(path, 0); err == nil {
			if begun(f) {
				_ = os.Remove(path) // what can't be removed now is met again
			}
			_ = f.Close()
		}
	}
	return nil
}

// begun reports whether a file begins as a journal does, if only with a part of the magic
// or, as one without a record, not at all.
func begun(f *os.File) bool {
	head := make([]byte, len(magic))
	n, err := f.ReadAt(head, 0)
	return (err == nil || errors.Is(err, io.EOF)) && strings.HasPrefix(magic, string(head[:n]))
}
