package yamlfile

import (
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/goccy/go-yaml/ast"
)

// MaxBytes bounds a document. Who reads a file needs to read no more than one byte beyond.
const MaxBytes = 4 << 20

// Further bounds on a document, so that a hostile one can't exhaust memory: the parser
// takes a hundred bytes or more for each of its own, and a few lines of aliases of aliases
// may stand for billions of values.
const (
	maxDepth  = 100
	maxMarks  = 1 << 19
	maxValues = 1 << 20
	maxWork   = 200_000_000 // keys times those before them in a mapping, or the like
)

// checkValues refuses a document whose aliases stand for too many values.
func checkValues(name string, body ast.Node) error {
	c := counter{anchors: map[string]int{}}
	if c.values(body); c.tooMany != nil {
		p := c.tooMany.GetToken().Position
		return Errorf(graph.Pos{File: name, Line: p.Line, Column: p.Column},
			"with its aliases the document has more than %d values; write fewer", maxValues)
	}
	return nil
}

// counter counts the values of nodes with their aliases replaced.
type counter struct {
	anchors map[string]int // values, by name
	tooMany ast.Node       // the first with more than maxValues
}

func (c *counter) values(n ast.Node) int {
	count := 1
	switch n := n.(type) {
	case *ast.MappingNode:
		for _, v := range n.Values {
			count = c.add(n, count, v)
		}
	case *ast.MappingValueNode:
		count = c.add(n, count, n.Value)
	case *ast.SequenceNode:
		for _, v := range n.Values {
			count = c.add(n, count, v)
		}
	case *ast.AnchorNode:
		count = c.add(n, count, n.Value)
		c.anchors[n.Name.String()] = count
	case *ast.AliasNode:
		count += c.anchors[n.Value.String()]
	}
	return count
}

// add returns count and the values of v, a part of n, or the bound if that is less.
func (c *counter) add(n ast.Node, count int, v ast.Node) int {
	if v == nil {
		return count
	}
	count += c.values(v)
	if count <= maxValues {
		return count
	}
	if c.tooMany == nil {
		c.tooMany = n
	}
	return maxValues
}
