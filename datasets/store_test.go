package datasets

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// fake returns a recipe that writes one file and counts its builds.
func fake(name string, builds *atomic.Int32, needs ...string) recipe {
	return recipe{name: name, version: "1", what: "what " + name, licence: "MIT", source: "here", needs: needs,
		build: func(_ context.Context, _ *Store, dir string) error {
			builds.Add(1)
			return os.WriteFile(filepath.Join(dir, "data"), []byte(name), 0o644)
		}}
}

// entries lists what a cache holds, without the lock files.
func entries(t *testing.T, dir string) []string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range list {
		if !strings.HasPrefix(e.Name(), ".lock-") {
			names = append(names, e.Name())
		}
	}
	return names
}

func TestGetBuildsNeedsOnce(t *testing.T) {
	var base, top atomic.Int32
	s := &Store{Dir: filepath.Join(t.TempDir(), "new"), recipes: []recipe{fake("base", &base), fake("top", &top, "base")}}
	if _, err := s.Path("top"); !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), "run: edgeprune datasets get top") {
		t.Errorf("Path before Get: %v", err)
	}
	for range 2 {
		path, err := s.Get(t.Context(), "top")
		if err != nil {
			t.Fatal(err)
		}
		if data, err := os.ReadFile(filepath.Join(path, "data")); err != nil || string(data) != "top" {
			t.Errorf("data = %q, %v", data, err)
		}
		if again, err := s.Path("top"); err != nil || again != path {
			t.Errorf("Path = %q, %v; want %q", again, err, path)
		}
	}
	if base.Load() != 1 || top.Load() != 1 {
		t.Errorf("built base %d and top %d times, want once each", base.Load(), top.Load())
	}
}

func TestChangedVersionRebuilds(t *testing.T) {
	var base, top atomic.Int32
	s := &Store{Dir: t.TempDir(), recipes: []recipe{fake("base", &base), fake("top", &top, "base")}}
	if _, err := s.Get(t.Context(), "top"); err != nil {
		t.Fatal(err)
	}
	s.recipes[0].version = "2"
	if _, err := s.Path("top"); !errors.Is(err, ErrMissing) {
		t.Errorf("Path of what needs a changed data set: %v, want ErrMissing", err)
	}
	if _, err := s.Get(t.Context(), "top"); err != nil {
		t.Fatal(err)
	}
	if base.Load() != 2 || top.Load() != 2 {
		t.Errorf("built base %d and top %d times, want twice each", base.Load(), top.Load())
	}
	if got := entries(t, s.Dir); !reflect.DeepEqual(got, []string{"base", "top"}) {
		t.Errorf("cache holds %v", got)
	}
}

func TestFailedBuildLeavesNothingAndResumes(t *testing.T) {
	var base, top atomic.Int32
	broken := errors.New("broken")
	s := &Store{Dir: t.TempDir(), recipes: []recipe{fake("base", &base), fake("top", &top, "base")}}
	good := s.recipes[1].build
	s.recipes[1].build = func(ctx context.Context, s *Store, dir string) error {
		return errors.Join(good(ctx, s, dir), broken)
	}
	if _, err := s.Get(t.Context(), "top"); !errors.Is(err, broken) || !strings.Contains(err.Error(), "top") {
		t.Errorf("Get = %v, want the build's error that names the data set", err)
	}
	if got := entries(t, s.Dir); !reflect.DeepEqual(got, []string{"base"}) {
		t.Errorf("after a failed build the cache holds %v, want only base", got)
	}
	s.recipes[1].build = good
	if _, err := s.Get(t.Context(), "top"); err != nil {
		t.Fatal(err)
	}
	if base.Load() != 1 {
		t.Errorf("base was built %d times, want the finished one kept", base.Load())
	}
}

func TestFailedRebuildKeepsTheOldFiles(t *testing.T) {
	var n atomic.Int32
	s := &Store{Dir: t.TempDir(), recipes: []recipe{fake("a", &n)}}
	path, err := s.Get(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	s.recipes[0].version = "2"
	s.recipes[0].build = func(context.Context, *Store, string) error { return errors.New("broken") }
	if _, err := s.Get(t.Context(), "a"); err == nil {
		t.Error("a failed rebuild gave no error")
	}
	if data, err := os.ReadFile(filepath.Join(path, "data")); err != nil || string(data) != "a" {
		t.Errorf("old data = %q, %v", data, err)
	}
}

func TestCancelledBuildLeavesNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := &Store{Dir: t.TempDir(), recipes: []recipe{{name: "a", version: "1",
		build: func(context.Context, *Store, string) error { cancel(); return nil }}}}
	if _, err := s.Get(ctx, "a"); !errors.Is(err, context.Canceled) {
		t.Errorf("Get = %v, want Canceled", err)
	}
	if got := entries(t, s.Dir); len(got) != 0 {
		t.Errorf("cache holds %v, want nothing", got)
	}
}

func TestLeftoversOfAKilledProcessAreRemoved(t *testing.T) {
	var n atomic.Int32
	s := &Store{Dir: t.TempDir(), recipes: []recipe{fake("a", &n)}}
	for _, left := range []string{".building-a", ".old-a", "a"} { // "a" without stamp: not whole
		if err := os.MkdirAll(filepath.Join(s.Dir, left, "junk"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	path, err := s.Get(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	if got := entries(t, s.Dir); !reflect.DeepEqual(got, []string{"a"}) {
		t.Errorf("cache holds %v", got)
	}
	if got := entries(t, path); !reflect.DeepEqual(got, []string{".stamp", "data"}) {
		t.Errorf("data set holds %v", got)
	}
}

func TestConcurrentGetsBuildOnce(t *testing.T) {
	var n atomic.Int32
	dir := t.TempDir()
	var wg sync.WaitGroup
	for range 4 {
		s := &Store{Dir: dir, recipes: []recipe{fake("a", &n)}}
		wg.Go(func() {
			if _, err := s.Get(t.Context(), "a"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n.Load() != 1 {
		t.Errorf("built %d times, want once", n.Load())
	}
}

func TestWaitingForTheLockCanBeCancelled(t *testing.T) {
	var n atomic.Int32
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	s := &Store{Dir: t.TempDir(), recipes: []recipe{fake("a", &n)}}
	unlock, err := lock(ctx, filepath.Join(s.Dir, ".lock-a"), func() {})
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	waited := false
	s.Log = func(string, ...any) { waited = true; cancel() }
	if _, err := s.Get(ctx, "a"); !errors.Is(err, context.Canceled) || !waited || n.Load() != 0 {
		t.Errorf("Get = %v, waited %t, builds %d", err, waited, n.Load())
	}
}

func TestListAndUnknown(t *testing.T) {
	var n atomic.Int32
	s := &Store{Dir: t.TempDir(), recipes: []recipe{fake("base", &n), fake("top", &n, "base")}}
	if _, err := s.Get(t.Context(), "base"); err != nil {
		t.Fatal(err)
	}
	list, err := s.List()
	if err != nil {
		t.Fatal(err)
	}
	stamp, err := s.stamp(s.recipes[0])
	if err != nil {
		t.Fatal(err)
	}
	want := []Status{
		{Name: "base", What: "what base", Licence: "MIT", Source: "here", Ready: true, SizeBytes: int64(len("base") + len(stamp))},
		{Name: "top", What: "what top", Licence: "MIT", Source: "here"},
	}
	if !reflect.DeepEqual(list, want) {
		t.Errorf("List = %+v, want %+v", list, want)
	}
	_, getErr := s.Get(t.Context(), "tpo")
	_, pathErr := s.Path("tpo")
	for _, err := range []error{getErr, pathErr} {
		if !errors.Is(err, ErrUnknown) || !strings.Contains(err.Error(), "base, top") {
			t.Errorf("unknown name: %v, want ErrUnknown that lists the names", err)
		}
	}
}

func TestRegistryIsSound(t *testing.T) {
	s := &Store{}
	seen := map[string]bool{}
	for _, r := range s.all() {
		if r.name == "" || r.what == "" || r.licence == "" || r.source == "" || r.version == "" || r.build == nil || seen[r.name] {
			t.Errorf("recipe %q is incomplete or there twice: %+v", r.name, r)
		}
		for _, need := range r.needs {
			if !seen[need] {
				t.Errorf("%s needs %s, which does not stand before it", r.name, need)
			}
		}
		seen[r.name] = true
	}
}
