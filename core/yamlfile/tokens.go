package yamlfile

import (
	"bytes"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"
)

// tokens parts a text into tokens, and refuses what would take too much memory or time
// to make a tree of.
func tokens(name string, text []byte) (token.Tokens, error) {
	if err := checkMarks(name, text); err != nil {
		return nil, err
	}
	all := lexer.Tokenize(string(text))
	n := nesting{name: name}
	for _, t := range all {
		if err := n.next(t); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// checkMarks bounds the tokens before there are any: each is a mark, stands between two, or
// is a line of a text without quotes.
func checkMarks(name string, text []byte) error {
	marks, at := 0, 0
	begin, before := 0, 0 // of the line, which \r may end, and the marks up to there
	for i, c := range text {
		switch c {
		case '[', ']', '{', '}', ',', '&', '*', '!', '#', '%', '\'', '"', '|', '>', '@', '`', ':':
			marks++
		case '-', '?':
			if i+1 == len(text) || text[i+1] <= ' ' {
				marks++
			}
		case '\n', '\r':
			if i > begin && marks == before {
				marks++
			}
			begin, before = i+1, marks
			if c == '\n' {
				at = i + 1
			}
		}
		if marks > maxMarks {
			pos := graph.Pos{File: name, Line: 1 + bytes.Count(text[:i], []byte("\n")), Column: i - at + 1}
			return Errorf(pos, "up to here the file has more than %d list items, keys, brackets, quotes and lines; write fewer",
				maxMarks)
		}
	}
	return nil
}

// nesting follows tokens and says how deep they lie in lists and mappings. It never says
// less than the parser makes of them.
type nesting struct {
	name   string
	flow   int // brackets that are open
	blocks []block
	work   int // that the parser has with long mappings, and with items left empty
	tokens int
}

// block is a list or mapping that is written by indentation.
type block struct {
	column, keys int
	list         bool
}

func (n *nesting) next(t *token.Token) error {
	n.tokens++
	pos := graph.Pos{File: n.name, Line: t.Position.Line, Column: t.Position.Column}
	switch t.Type {
	case token.TagType:
		return Errorf(pos, "a tag such as %s has no meaning here; remove it", t.Value)
	case token.MappingKeyType:
		return Errorf(pos, "a key after ? has no meaning here; write key: value")
	case token.SequenceStartType, token.MappingStartType:
		n.flow++
	case token.SequenceEndType, token.MappingEndType:
		n.flow = max(n.flow-1, 0)
	case token.SequenceEntryType:
		if n.flow == 0 {
			n.enter(t, true)
		}
		if p := t.Prev; p != nil && p.Type == token.SequenceEntryType && p.Position.Line < t.Position.Line {
			n.work += n.tokens // the item before is empty: the parser moves all tokens
		}
	case token.MappingValueType:
		if n.flow == 0 && t.Prev != nil {
			n.enter(t.Prev, false)
		}
	case token.DocumentHeaderType, token.DocumentEndType:
		n.flow, n.blocks = 0, n.blocks[:0]
	}
	if n.flow+len(n.blocks) > maxDepth {
		return Errorf(pos, "more than %d lists and mappings lie within each other; nest less deeply", maxDepth)
	}
	if n.work > maxWork {
		return Errorf(pos, "up to here the file has too many keys in one mapping, or empty items; write fewer")
	}
	return nil
}

// enter notes an item or a key that begins with a token.
func (n *nesting) enter(t *token.Token, list bool) {
	column, held := t.Position.Column, held(t, list)
	for i := len(n.blocks) - 1; i >= 0 && n.blocks[i].column > column && !held; i-- {
		n.blocks = n.blocks[:i]
	}
	// A list may stand at the column of the mapping that it is a value of.
	if i := len(n.blocks) - 1; !list && !held && i > 0 && n.blocks[i].list && !n.blocks[i-1].list &&
		n.blocks[i-1].column == column {
		n.blocks = n.blocks[:i]
	}
	if i := len(n.blocks) - 1; held || i < 0 || n.blocks[i].column != column || n.blocks[i].list != list {
		n.blocks = append(n.blocks, block{column: column, list: list})
	}
	if b := &n.blocks[len(n.blocks)-1]; !list {
		b.keys++
		n.work += b.keys
	}
}

// held reports whether an anchor on a line before t holds what begins there, or an empty
// item a key: the parser takes it for the value of that, at any column.
func held(t *token.Token, list bool) bool {
	p := t.Prev
	for p != nil && p.Type == token.CommentType {
		p = p.Prev
	}
	if p == nil || p.Position.Line == t.Position.Line {
		return false
	}
	return p.Type == token.SequenceEntryType && !list || p.Prev != nil && p.Prev.Type == token.AnchorType
}
