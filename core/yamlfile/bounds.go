package yamlfile

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/goccy/go-yaml/ast"
)

// Bounds on a document, so that a hostile one can't exhaust memory: a few lines of
// aliases of aliases may stand for billions of values.
const (
	maxBytes  = 4 << 20
	maxDepth  = 1000 // brackets that are open at a time
	maxValues = 1 << 20
)

// checkText refuses a document that would be too large or too deep to parse.
func checkText(name string, data []byte) error {
	if len(data) > maxBytes {
		return fmt.Errorf("%w: %s: it has %d bytes; at most %d", ErrInput, name, len(data), maxBytes)
	}
	depth, line, column := 0, 1, 0
	for _, c := range data {
		column++
		switch c {
		case '\n':
			line, column = line+1, 0
		case '[', '{':
			depth++
		case ']', '}':
			depth = max(depth-1, 0)
		}
		if depth > maxDepth {
			return Errorf(graph.Pos{File: name, Line: line, Column: column}, "more than %d brackets are open; nest less deeply",
				maxDepth)
		}
	}
	return nil
}

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
	case *ast.TagNode:
		count = c.add(n, count, n.Value)
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
