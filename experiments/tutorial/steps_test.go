package tutorial

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/edgeprune/edgeprune/experiments/internal/document"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// step is a block of a chapter that is run, with what it should show.
type step struct {
	line   int
	script string
	shown  []string
}

// steps returns those of a chapter: blocks in sh are typed in one shell, one after the other, and
// blocks of text show what the one before them writes. What is to be typed on other machines is
// in blocks of the language console, which are not run.
func steps(d *document.Document) []step {
	var all []step
	for _, b := range d.Blocks {
		switch {
		case b.Language == "sh":
			all = append(all, step{line: b.Line, script: b.Text})
		case b.Language == "text" && len(all) > 0:
			all[len(all)-1].shown = append(all[len(all)-1].shown, b.Text)
		}
	}
	return all
}

// chapters returns the paths of the tutorial's, in order.
func chapters(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("[0-9]-*.md")
	require.NoError(t, err)
	return paths
}

func read(t *testing.T, path string) *document.Document {
	t.Helper()
	source, err := os.ReadFile(path)
	require.NoError(t, err)
	return document.Parse(source)
}

// Every chapter has steps and shows what to expect of most of them. TestDocuments of
// experiments/cli looks at its commands and links.
func TestChapters(t *testing.T) {
	require.NotEmpty(t, chapters(t))
	for _, path := range chapters(t) {
		shown, all := 0, steps(read(t, path))
		for _, s := range all {
			if len(s.shown) > 0 {
				shown++
			}
		}
		assert.GreaterOrEqual(t, len(all), 5, path)
		assert.GreaterOrEqual(t, 2*shown, len(all), "%s: what most steps should show isn't there", path)
	}
}

func TestSteps(t *testing.T) {
	d := document.Parse([]byte("```text\nno step\n```\n```sh\na\n```\n```text\n1\n```\n```text\n2\n```\n" +
		"```console\nb\n```\n```sh\nc\n```\n"))
	assert.Equal(t, []step{
		{line: 5, script: "a\n", shown: []string{"1\n", "2\n"}}, {line: 17, script: "c\n"},
	}, steps(d))
}
