package yamlfile

import (
	"strings"
	"testing"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/stretchr/testify/require"
)

// pieces are what documents of great depth are made of.
var pieces = []string{
	"- ", "[", "{", "a: ", "? ", ": ", ",", "]", "}", "\n", "  ", " ", "'", "\"", "&a ", "*a", "!t ", "b", "#", "|\n",
	"---\n", "-\n", "\t", "<<: ",
}

// deepest returns how many lists and mappings lie within each other in a node.
func deepest(n ast.Node) int {
	most := 0
	add := func(n ast.Node) { most = max(most, deepest(n)) }
	switch n := n.(type) {
	case *ast.MappingNode:
		for _, v := range n.Values {
			add(v.Key)
			add(v.Value)
		}
		return most + 1
	case *ast.MappingValueNode:
		add(n.Key)
		add(n.Value)
		return most + 1
	case *ast.SequenceNode:
		for _, v := range n.Values {
			add(v)
		}
		return most + 1
	case *ast.AnchorNode:
		return deepest(n.Value)
	}
	return 0
}

// No document that is let through to the parser is deeper than the bound, at which a
// bracket may also hold a mapping without braces, and none makes
// decoding panic, whatever it repeats.
func FuzzDepth(f *testing.F) {
	f.Add([]byte{0}, uint16(200))
	f.Add([]byte{1}, uint16(200))
	f.Add([]byte{2, 3}, uint16(200))
	f.Add([]byte{1, 12, 7, 12, 6}, uint16(200)) // brackets that close in quotes only
	f.Add([]byte{4}, uint16(200))
	f.Add([]byte{0, 3, 9, 10}, uint16(150))
	f.Add([]byte{14, 1, 15}, uint16(120))
	f.Fuzz(func(t *testing.T, picks []byte, times uint16) {
		var b strings.Builder
		for _, p := range picks[:min(len(picks), 20)] {
			b.WriteString(pieces[int(p)%len(pieces)])
		}
		text := strings.Repeat(b.String(), int(times)%400)
		tokens, err := tokens("f.yaml", []byte(text))
		if err == nil {
			if file, err := parser.Parse(tokens, 0); err == nil {
				for _, d := range file.Docs {
					require.LessOrEqual(t, deepest(d.Body), 2*maxDepth+1)
				}
			}
		}
		var v any
		doc, err := Decode("f.yaml", []byte(text), &v)
		require.NotEqual(t, err == nil, doc == nil)
		if err != nil {
			require.ErrorIs(t, err, ErrInput)
		}
	})
}
