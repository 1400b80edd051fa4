//go:build browser

package comparecmd_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/experiments/internal/report/browsertest"
)

func TestComparisonInBrowser(t *testing.T) {
	dir, out := filepath.Join(t.TempDir(), "my-plan"), filepath.Join(t.TempDir(), "changed")
	_, _, err := compared(t, "-o", out, run(t, dir, 0, 0.1), run(t, dir, 1, 0.2))
	require.NoError(t, err)
	tab := browsertest.Open(t)
	path := filepath.Join(out, "report.html")
	tab.GoFile(path)
	assert.Equal(t, "my-plan: what changed between 2 runs", browsertest.Eval[string](tab, `document.title`))
	assert.Contains(t, browsertest.Eval[string](tab, `document.querySelector(".spot title, .spot").dataset.text`),
		"latency: 2 (1.97 to 2.03) of A")
	tab.Legible()
	tab.Fits()
	tab.Picture("compare-desktop", true)
	tab.Dark(true)
	tab.Legible()
	tab.Size(360, 740)
	tab.Fits()
	tab.Picture("compare-phone-dark", false)
	tab.Quiet("file://" + path)
}
