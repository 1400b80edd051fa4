package datasets

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPublicModelsAreOptional(t *testing.T) {
	list, err := (&Store{Dir: t.TempDir()}).List()
	if err != nil {
		t.Fatal(err)
	}
	optional := map[string]bool{}
	for _, d := range list {
		if d.Optional {
			optional[d.Name] = true
		}
	}
	for _, r := range publicModelRecipes() {
		if !optional[r.name] || r.licence == "" || r.source == "" {
			t.Errorf("%s: optional %t, licence %q, source %q", r.name, optional[r.name], r.licence, r.source)
		}
		delete(optional, r.name)
	}
	if len(optional) != 0 {
		t.Errorf("others are optional too: %v", optional)
	}
	for _, r := range registry() {
		for _, need := range r.needs {
			if n, err := (&Store{}).find(need); err != nil || n.optional && !r.optional {
				t.Errorf("%s, which everybody gets, needs %s: optional %t, %v", r.name, need, n.optional, err)
			}
		}
	}
}

// A package set gets its own lock file, and what a package holds under another
// digest is refused.
func TestPublicModelsAreChecked(t *testing.T) {
	for name, want := range map[string]string{"detypify": "detypify-service", "nanodet": "human-models"} {
		var lock string
		s := &Store{Dir: t.TempDir(), packages: func(ctx context.Context, dir string) error {
			b, err := os.ReadFile(filepath.Join(dir, "package-lock.json"))
			lock = string(b)
			if err != nil {
				return err
			}
			return fakePackages("detypify-service/train/model.onnx", "not the model")(ctx, dir)
		}}
		if _, err := s.Get(t.Context(), name); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: Get = %v, want ErrCorrupt", name, err)
		}
		if !strings.Contains(lock, want) {
			t.Errorf("%s: the lock file doesn't name %s", name, want)
		}
	}
}
