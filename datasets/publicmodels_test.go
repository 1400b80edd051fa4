package datasets

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPublicModelsAreOptional(t *testing.T) {
	list, err := (&Store{Dir: t.TempDir()}).List()
	require.NoError(t, err)
	optional := map[string]bool{}
	for _, d := range list {
		if d.Optional {
			optional[d.Name] = true
		}
	}
	for _, r := range publicModelRecipes() {
		require.True(t, optional[r.name], "%s: optional %t, licence %q, source", r.name, optional[r.name], r.licence)
		assert.NotEmpty(t, r.licence, "%s: optional %t, licence %q, source", r.name, optional[r.name], r.licence)
		assert.NotEmpty(t, r.source, "%s: optional %t, licence %q, source", r.name, optional[r.name], r.licence)
		delete(optional, r.name)
	}
	assert.Equal(t, map[string]bool{"onnxruntime-gpu": true, "onnxruntime-openvino": true}, optional, "besides")
	for _, r := range registry() {
		for _, need := range r.needs {
			n, err := (&Store{}).find(need)
			require.NoError(t, err, "%s, which everybody gets, needs %s: optional", r.name, need)
			if n.optional {
				assert.True(t, r.optional, "%s, which everybody gets, needs %s: optional", r.name, need)
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
		_, err := s.Get(t.Context(), name)
		assert.ErrorIs(t, err, ErrCorrupt, "%s: Get = %v, want ErrCorrupt", name, err)
		assert.Contains(t, lock, want, "%s: the lock file doesn't name", name)
	}
}
