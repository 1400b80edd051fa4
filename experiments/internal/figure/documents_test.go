package figure

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Documents that send somebody to a figure of an experiment name one that is drawn.
func TestDocumentsNameFigures(t *testing.T) {
	drawn := map[string]bool{"timeline": true} // of a case, not of a sweep
	for _, kind := range drawings {
		for _, f := range kind {
			drawn[f.name] = true
		}
	}
	chapters, err := filepath.Glob("../../tutorial/*.md")
	require.NoError(t, err)
	named := 0
	for _, path := range append(chapters, "../../PAPER.md", "../../../deploy/README.md") {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, m := range regexp.MustCompile(`figures/([a-z-]+)\.png`).FindAllSubmatch(text, -1) {
			named++
			assert.True(t, drawn[string(m[1])], "%s: there is no figure %s", path, m[1])
		}
	}
	assert.Greater(t, named, 10)
}
