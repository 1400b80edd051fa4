package engine_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/golden"
)

// TestScenarios plays the scripts in testdata, and compares what the engines do with
// what the scripts say. testdata/README.md says how a script is written. With -update
// the scripts are written again.
func TestScenarios(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(paths), 20)
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			script, err := os.ReadFile(path)
			require.NoError(t, err)
			require.True(t, strings.HasPrefix(string(script), "# "), "a script begins with what it shows")
			golden.Check(t, path, play(t, string(script)))
		})
	}
}

// play carries out a script, and returns it with what came of every command.
func play(t *testing.T, script string) string {
	t.Helper()
	s := &stage{t: t}
	var out strings.Builder
	lines := strings.Split(strings.TrimRight(script, "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
			out.WriteString(line + "\n")
			continue
		case strings.HasPrefix(line, "  "): // what came of the command before
			continue
		}
		s.where = i + 1
		out.WriteString(line + "\n")
		words := strings.Fields(line)
		if words[0] == "graph" || words[0] == "devices" {
			for i+1 < len(lines) && strings.HasPrefix(lines[i+1], "  ") {
				i++
				out.WriteString(lines[i] + "\n")
				s.define(words[0], strings.Fields(lines[i]))
			}
			continue
		}
		s.said = nil
		s.do(words[0], words[1:])
		for _, said := range s.said {
			out.WriteString("  " + said + "\n")
		}
	}
	return out.String()
}
