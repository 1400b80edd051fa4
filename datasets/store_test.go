package datasets

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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
	require.NoError(t, err)
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
	_, err := s.Path("top")
	require.ErrorIs(t, err, ErrMissing, "Path before Get")
	assert.Contains(t, err.Error(), "run: edgeprune datasets get top", "Path before Get")
	for range 2 {
		path, err := s.Get(t.Context(), "top")
		require.NoError(t, err)
		data, err := os.ReadFile(filepath.Join(path, "data"))
		require.NoError(t, err, "data")
		assert.Equal(t, "top", string(data), "data")
		again, err := s.Path("top")
		require.NoError(t, err, "Path")
		assert.Equal(t, path, again, "Path")
	}
	assert.EqualValues(t, 1, base.Load(), "built base %d and top %d times, want once each", base.Load(), top.Load())
	assert.EqualValues(t, 1, top.Load(), "built base %d and top %d times, want once each", base.Load(), top.Load())
}

func TestChangedVersionRebuilds(t *testing.T) {
	var base, top atomic.Int32
	s := &Store{Dir: t.TempDir(), recipes: []recipe{fake("base", &base), fake("top", &top, "base")}}
	_, err := s.Get(t.Context(), "top")
	require.NoError(t, err)
	s.recipes[0].version = "2"
	_, err = s.Path("top")
	assert.ErrorIs(t, err, ErrMissing, "Path of what needs a changed data set: %v, want ErrMissing", err)
	_, err = s.Get(t.Context(), "top")
	require.NoError(t, err)
	assert.EqualValues(t, 2, base.Load(), "built base %d and top %d times, want twice each", base.Load(), top.Load())
	assert.EqualValues(t, 2, top.Load(), "built base %d and top %d times, want twice each", base.Load(), top.Load())
	assert.Equal(t, []string{"base", "top"}, entries(t, s.Dir), "cache holds")
}

func TestFailedBuildLeavesNothingAndResumes(t *testing.T) {
	var base, top atomic.Int32
	broken := errors.New("broken")
	s := &Store{Dir: t.TempDir(), recipes: []recipe{fake("base", &base), fake("top", &top, "base")}}
	good := s.recipes[1].build
	s.recipes[1].build = func(ctx context.Context, s *Store, dir string) error {
		return errors.Join(good(ctx, s, dir), broken)
	}
	_, err := s.Get(t.Context(), "top")
	require.ErrorIs(t, err, broken, "Get = %v, want the build's error that names the data set", err)
	assert.Contains(t, err.Error(), "top", "Get = %v, want the build's error that names the data set", err)
	got := entries(t, s.Dir)
	assert.Equal(t, []string{"base"}, got, "after a failed build the cache holds %v, want only base", got)
	s.recipes[1].build = good
	_, err = s.Get(t.Context(), "top")
	require.NoError(t, err)
	assert.EqualValues(t, 1, base.Load(), "base was built %d times, want the finished one kept", base.Load())
}

func TestFailedRebuildKeepsTheOldFiles(t *testing.T) {
	var n atomic.Int32
	s := &Store{Dir: t.TempDir(), recipes: []recipe{fake("a", &n)}}
	path, err := s.Get(t.Context(), "a")
	require.NoError(t, err)
	s.recipes[0].version = "2"
	s.recipes[0].build = func(context.Context, *Store, string) error { return errors.New("broken") }
	_, err = s.Get(t.Context(), "a")
	assert.Error(t, err, "a failed rebuild gave no error")
	data, err := os.ReadFile(filepath.Join(path, "data"))
	require.NoError(t, err, "old data")
	assert.Equal(t, "a", string(data), "old data")
}

func TestCancelledBuildLeavesNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := &Store{Dir: t.TempDir(), recipes: []recipe{{name: "a", version: "1",
		build: func(context.Context, *Store, string) error { cancel(); return nil }}}}
	_, err := s.Get(ctx, "a")
	assert.ErrorIs(t, err, context.Canceled, "Get = %v, want Canceled", err)
	got := entries(t, s.Dir)
	assert.Empty(t, got, "cache holds %v, want nothing", got)
}

func TestLeftoversOfAKilledProcessAreRemoved(t *testing.T) {
	var n atomic.Int32
	s := &Store{Dir: t.TempDir(), recipes: []recipe{fake("a", &n)}}
	for _, left := range []string{".building-a/junk", ".old-a/junk", "a"} {
		require.NoError(t, os.MkdirAll(filepath.Join(s.Dir, left), 0o755))
	}
	path, err := s.Get(t.Context(), "a")
	require.NoError(t, err)
	assert.Equal(t, []string{"a"}, entries(t, s.Dir), "cache holds")
	assert.Equal(t, []string{".stamp", "data"}, entries(t, path), "data set holds")
}

// What a user has in the cache under a data set's name is not taken for an old one.
func TestForeignFilesAreKept(t *testing.T) {
	for _, mine := range []string{"a/mine.txt", "a"} {
		var builds atomic.Int32
		s := &Store{Dir: t.TempDir(), recipes: []recipe{fake("a", &builds)}}
		path := filepath.Join(s.Dir, mine)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte("mine"), 0o644))
		_, err := s.Get(t.Context(), "a")
		if mine == "a" {
			require.Error(t, err)
		} else {
			require.ErrorIs(t, err, ErrForeign)
			assert.ErrorContains(t, err, filepath.Join(s.Dir, "a"))
		}
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, "mine", string(b))
		assert.Zero(t, builds.Load())
	}
}

func TestConcurrentGetsBuildOnce(t *testing.T) {
	var n atomic.Int32
	dir := t.TempDir()
	var wg sync.WaitGroup
	for range 4 {
		s := &Store{Dir: dir, recipes: []recipe{fake("a", &n)}}
		wg.Go(func() {
			_, err := s.Get(t.Context(), "a")
			assert.NoError(t, err)
		})
	}
	wg.Wait()
	assert.EqualValues(t, 1, n.Load(), "built %d times, want once", n.Load())
}

func TestWaitingForTheLockCanBeCancelled(t *testing.T) {
	var n atomic.Int32
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	s := &Store{Dir: t.TempDir(), recipes: []recipe{fake("a", &n)}}
	unlock, err := lock(ctx, filepath.Join(s.Dir, ".lock-a"), func() {})
	require.NoError(t, err)
	defer unlock()
	waited := false
	s.Log = func(string, ...any) { waited = true; cancel() }
	_, err = s.Get(ctx, "a")
	require.ErrorIs(t, err, context.Canceled, "Get = %v, waited %t, builds", err, waited)
	require.True(t, waited, "Get = %v, waited %t, builds", err, waited)
	assert.EqualValues(t, 0, n.Load(), "Get = %v, waited %t, builds", err, waited)
}

func TestListAndUnknown(t *testing.T) {
	var n atomic.Int32
	s := &Store{Dir: t.TempDir(), recipes: []recipe{fake("base", &n), fake("top", &n, "base")}}
	_, err := s.Get(t.Context(), "base")
	require.NoError(t, err)
	list, err := s.List()
	require.NoError(t, err)
	stamp, err := s.stamp(s.recipes[0])
	require.NoError(t, err)
	want := []Status{
		{Name: "base", What: "what base", Licence: "MIT", Source: "here", Ready: true,
			SizeBytes: int64(len("base") + len(stamp))},
		{Name: "top", What: "what top", Licence: "MIT", Source: "here"},
	}
	assert.Equal(t, want, list, "List")
	_, getErr := s.Get(t.Context(), "tpo")
	_, pathErr := s.Path("tpo")
	for _, err := range []error{getErr, pathErr} {
		require.ErrorIs(t, err, ErrUnknown, "unknown name: %v, want ErrUnknown that lists the names", err)
		assert.Contains(t, err.Error(), "base, top", "unknown name: %v, want ErrUnknown that lists the names", err)
	}
}

func TestRegistryIsSound(t *testing.T) {
	s := &Store{}
	seen := map[string]bool{}
	for _, r := range s.all() {
		assert.NotEmpty(t, r.name, "recipe %q is incomplete or there twice", r.name)
		assert.NotEmpty(t, r.what, "recipe %q is incomplete or there twice", r.name)
		assert.NotEmpty(t, r.licence, "recipe %q is incomplete or there twice", r.name)
		assert.NotEmpty(t, r.source, "recipe %q is incomplete or there twice", r.name)
		assert.NotEmpty(t, r.version, "recipe %q is incomplete or there twice", r.name)
		require.NotNil(t, r.build, "recipe %q is incomplete or there twice", r.name)
		assert.False(t, seen[r.name], "recipe %q is incomplete or there twice", r.name)
		for _, need := range r.needs {
			assert.True(t, seen[need], "%s needs %s, which does not stand before it", r.name, need)
		}
		seen[r.name] = true
	}
}
