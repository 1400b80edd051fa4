package measure

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Plans are kept with what Kept makes of their applications, and run as they are.
func TestKeptPlans(t *testing.T) {
	f := &planfile.File{Plan: "p", Application: planfile.Application{Name: "near"}}
	r := &Runner{Dir: t.TempDir()}
	kept := func() string {
		require.NoError(t, r.keepPlan(f))
		b, err := os.ReadFile(filepath.Join(r.Dir, "plans", "p.yaml"))
		require.NoError(t, err)
		return string(b)
	}
	assert.Contains(t, kept(), "name: near")
	r.Kept = func(app planfile.Application) planfile.Application {
		app.Name = "far"
		return app
	}
	assert.Contains(t, kept(), "name: far")
	assert.Equal(t, "near", f.Application.Name)
}
