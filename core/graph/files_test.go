package graph_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/golden"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/yamlfile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// read returns the graph of an application file.
func read(tb testing.TB, path string) (*graph.Graph, error) {
	tb.Helper()
	data, err := os.ReadFile(path)
	require.NoError(tb, err)
	f, err := planfile.Parse(filepath.Base(path), data)
	if err != nil {
		return nil, err
	}
	return compile.Graph(f, nil)
}

func list(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", dir, "*.yaml"))
	require.NoError(t, err, "no files in testdata/%s", dir)
	require.NotEmpty(t, files, "no files in testdata/%s", dir)
	return files
}

func TestGoodFiles(t *testing.T) {
	for _, file := range list(t, "good") {
		_, err := read(t, file)
		assert.NoError(t, err, file)
	}
}

// line is how every line of an error begins; what it is about follows.
var line = regexp.MustCompile(`^bad input: [a-z-]+\.yaml:[1-9][0-9]*:[1-9][0-9]*: .{20,}`)

// Every file in testdata/bad gives the error in the text file beside it: one line
// for each violation. Every rule is broken by two files at least.
func TestBadFiles(t *testing.T) {
	broken := map[error]int{}
	for _, file := range list(t, "bad") {
		_, err := read(t, file)
		if err == nil {
			t.Errorf("%s: no error", file)
			continue
		}
		golden.Check(t, strings.TrimSuffix(file, ".yaml")+".txt", err.Error()+"\n")
		for l := range strings.SplitSeq(err.Error(), "\n") {
			assert.True(t, line.MatchString(l), "%s: no place, or says nothing", file)
		}
		assert.ErrorIs(t, err, yamlfile.ErrInput, "%s: isn't marked as bad input", file)
		for _, rule := range rules {
			if errors.Is(err, rule) {
				broken[rule]++
			}
		}
	}
	for _, rule := range rules {
		assert.GreaterOrEqual(t, broken[rule], 2, "%d files break the rule %q; want at least 2", broken[rule], rule)
	}
}

var rules = []error{
	graph.ErrTokenType, graph.ErrName, graph.ErrRate, graph.ErrKind, graph.ErrAsymmetric, graph.ErrType, graph.ErrControl,
	graph.ErrDPG, graph.ErrDelay, graph.ErrUnconnected, graph.ErrCapacity, graph.ErrBound, graph.ErrDeadlock,
}
