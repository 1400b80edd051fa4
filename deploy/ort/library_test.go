package ort

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func loadLibrary(t testing.TB) {
	t.Helper()
	path, err := Find("")
	if err != nil {
		t.Fatal(err)
	}
	if err := Load(path); err != nil {
		t.Fatal(err)
	}
}

func TestFindOrder(t *testing.T) {
	dir := t.TempDir()
	file := func(parts ...string) string {
		p := filepath.Join(append([]string{dir}, parts...)...)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		return p
	}
	flag, variable := file("flag.so"), file("variable.so")
	cached := file("cache", "onnxruntime", "libonnxruntime.so.1")
	system := file("lib", "libonnxruntime.so")
	absent := filepath.Join(dir, "absent")
	for _, tc := range []struct{ name, flag, variable, cache, system, want, tried string }{
		{"flag wins", flag, variable, filepath.Join(dir, "cache"), filepath.Dir(system), flag, ""},
		{"then variable", "", variable, filepath.Join(dir, "cache"), filepath.Dir(system), variable, ""},
		{"then cache", "", "", filepath.Join(dir, "cache"), filepath.Dir(system), cached, ""},
		{"then system", "", "", absent, filepath.Dir(system), system, ""},
		{"a wrong flag is not replaced", absent, variable, absent, "", "", absent + " (flag)"},
		{"a wrong variable is not replaced", "", absent, filepath.Join(dir, "cache"), "", "", absent + " ($EDGEPRUNE_ORT_LIB)"},
		{"a directory is no library", dir, "", absent, "", "", dir + " (flag)"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Setenv(LibraryVariable, tc.variable)
			t.Setenv("EDGEPRUNE_CACHE", tc.cache)
			t.Setenv("LD_LIBRARY_PATH", tc.system)
			got, err := Find(tc.flag)
			if got != tc.want {
				t.Errorf("Find = %q, want %q", got, tc.want)
			}
			if tc.want != "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), tc.tried) ||
				!strings.Contains(err.Error(), "run: edgeprune datasets get onnxruntime") {
				t.Errorf("error %v must be ErrNotFound, list %q and say what to run", err, tc.tried)
			}
		})
	}
}

func TestLoad(t *testing.T) {
	loadLibrary(t)
	loadLibrary(t)
	if v := Version(); !strings.HasPrefix(v, "1.") {
		t.Errorf("Version = %q", v)
	}
	other := filepath.Join(t.TempDir(), "other.so")
	if err := os.WriteFile(other, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Load(other); !errors.Is(err, ErrLoaded) {
		t.Errorf("loading another library: %v, want ErrLoaded", err)
	}
	if err := Load(filepath.Join(t.TempDir(), "absent")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("loading an absent library: %v, want ErrNotExist", err)
	}
}
