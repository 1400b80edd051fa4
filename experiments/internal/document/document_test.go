package document_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/experiments/internal/document"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const page = "# Cut it, then run it\n\nType `edgeprune run\n  x` or [read](../README.md#two-commands).\n\n" +
	"```sh\nedgeprune run x\n```\n\n- a step:\n\n  ```text\n  done\n    twice\n  ```\n\n    no block\n\n" +
	"## Two `ways`\n\n    edgeprune top\n\n![a figure](a.png)\n"

func TestParse(t *testing.T) {
	d := document.Parse([]byte(page))
	assert.Equal(t, []document.Block{
		{Language: "sh", Text: "edgeprune run x\n", Line: 7},
		{Language: "text", Text: "done\n  twice\n", Line: 13},
		{Text: "edgeprune top\n", Line: 21},
	}, d.Blocks)
	assert.Equal(t, []string{"edgeprune run x", "ways"}, d.Spans)
	assert.Equal(t, []string{"../README.md#two-commands", "a.png"}, d.Links)
	assert.Equal(t, []string{"cut-it-then-run-it", "two-ways"}, d.Headings)
}

func TestCommands(t *testing.T) {
	for script, want := range map[string][][]string{
		"edgeprune run x # as it is":                   {{"edgeprune", "run", "x"}},
		"bin/edgeprune doctor | grep edgeprune":        {{"bin/edgeprune", "doctor"}, {"edgeprune"}},
		"! edgeprune check x || edgeprune help \\\n a": {{"edgeprune", "check", "x"}, {"edgeprune", "help", "a"}},
		"A=1 env B=2 edgeprune top &":                  {{"edgeprune", "top"}},
		"sudo -u edgeprune env B=2 edgeprune top":      {{"edgeprune", "top"}},
		`for i in 1 2; do edgeprune "x $i"'y z'; done`: {{"edgeprune", `"x $i"'y z'`}},
		`edgeprune explore x --limit 'energy<=0.5J'`:   {{"edgeprune", "explore", "x", "--limit", "energy<=0.5J"}},
		`edgeprune run "a b" a'b c'`:                   {{"edgeprune", "run", "a b", "ab c"}},
		"echo $(edgeprune version)":                    {{"edgeprune", "version"}},
		"cat >x <<'END'\nedgeprune run x\nEND":         nil,
		"just reproduce":                               nil,
	} {
		got, err := document.Commands(script, "edgeprune")
		require.NoError(t, err, script)
		assert.Equal(t, want, got, script)
	}
	_, err := document.Commands("edgeprune 'x", "edgeprune")
	assert.ErrorContains(t, err, "no script for bash")
}
