// Package yamlfile decodes YAML strictly and keeps the place of every value,
// so that an error can say file:line:column. It may not open files.
package yamlfile

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// ErrInput marks an error in what the user wrote.
var ErrInput = errors.New("bad input")

// Doc is a parsed YAML document.
type Doc struct {
	name  string
	file  *ast.File
	moved [][2]string // see Moved
}

// Decode decodes data, the content of the named file, into v. Unknown keys,
// wrong types, duplicate keys and syntax errors are refused with an error that
// wraps ErrInput and begins with file:line:column.
func Decode(name string, data []byte, v any) (doc *Doc, err error) {
	defer func() { // the library panics on some odd documents, such as a list with a tag for numbers
		if r := recover(); r != nil {
			doc, err = nil, fmt.Errorf("%w: %s: the YAML can't be read (%v); write it without tags, anchors and aliases",
				ErrInput, name, r)
		}
	}()
	if err := checkText(name, data); err != nil {
		return nil, err
	}
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, located(name, err)
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		return nil, fmt.Errorf("%w: %s: expected one YAML document, found %d", ErrInput, name, documents(file))
	}
	if err := checkValues(name, file.Docs[0].Body); err != nil {
		return nil, err
	}
	doc = &Doc{name: name, file: file}
	if err := yaml.NodeToValue(file.Docs[0].Body, v, yaml.Strict()); err != nil {
		return nil, doc.located(err)
	}
	return doc, nil
}

func documents(f *ast.File) int {
	n := 0
	for _, d := range f.Docs {
		if d.Body != nil {
			n++
		}
	}
	return n
}

// Pos returns the place of the value at a YAML path such as
// "$.platform.links[0].between". For a path that isn't there it returns the
// place of its longest prefix that is. A nil Doc gives the zero Pos.
func (d *Doc) Pos(format string, args ...any) graph.Pos {
	if d == nil {
		return graph.Pos{}
	}
	pos := graph.Pos{File: d.name, Line: 1, Column: 1}
	for path := d.real(fmt.Sprintf(format, args...)); path != "$" && path != ""; path = parent(path) {
		p, err := yaml.PathString(path)
		if err != nil {
			continue
		}
		n, err := p.FilterFile(d.file)
		if err != nil || n == nil {
			continue
		}
		t := n.GetToken()
		if m, ok := n.(*ast.MappingNode); ok && len(m.Values) > 0 {
			t = m.Values[0].Key.GetToken()
		} else if mv, ok := n.(*ast.MappingValueNode); ok {
			t = mv.Key.GetToken()
		}
		if t != nil && t.Position != nil {
			pos.Line, pos.Column = t.Position.Line, t.Position.Column
			return pos
		}
	}
	return pos
}

// Moved returns d as if what stands under path to stood under path from, for what is
// written in another form than it is checked in.
func (d *Doc) Moved(from, to string) *Doc {
	if d == nil {
		return nil
	}
	m := *d
	m.moved = append(slices.Clone(d.moved), [2]string{from, to})
	return &m
}

// real returns where a path leads: by the first move that it fits, or as it is.
func (d *Doc) real(path string) string {
	for _, m := range d.moved {
		if rest, ok := strings.CutPrefix(path, m[0]); ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return m[1] + rest
		}
	}
	return path
}

func parent(path string) string {
	return path[:max(strings.LastIndexByte(path, '.'), strings.LastIndexByte(path, '['), 0)]
}

// Errorf returns an error that wraps ErrInput and, with %w, what else is given.
func Errorf(pos graph.Pos, format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	if s := pos.String(); s != "" {
		return fmt.Errorf("%w: %s: %w", ErrInput, s, err)
	}
	return fmt.Errorf("%w: %w", ErrInput, err)
}

// located gives err a place. An error of a scalar's own parser, such as that of
// a duration, comes without one: it quotes the text, which is looked up.
func (d *Doc) located(err error) error {
	var e yaml.Error
	if errors.As(err, &e) {
		return located(d.name, err)
	}
	pos := graph.Pos{File: d.name}
	ast.Walk(finder(func(n ast.Node) bool {
		s, ok := n.(*ast.StringNode)
		if ok && pos.Line == 0 && s.Value != "" && strings.HasSuffix(err.Error(), strconv.Quote(s.Value)) {
			pos.Line, pos.Column = s.Token.Position.Line, s.Token.Position.Column
		}
		return pos.Line == 0
	}), d.file.Docs[0].Body)
	return Errorf(pos, "%w", err)
}

type finder func(ast.Node) bool

// Visit implements ast.Visitor.
func (f finder) Visit(n ast.Node) ast.Visitor {
	if f(n) {
		return f
	}
	return nil
}

func located(name string, err error) error {
	pos := graph.Pos{File: name}
	var e yaml.Error
	if !errors.As(err, &e) {
		return Errorf(pos, "%w", err)
	}
	if t := e.GetToken(); t != nil && t.Position != nil {
		pos.Line, pos.Column = t.Position.Line, t.Position.Column
	}
	return Errorf(pos, "%s", describe(err, e))
}

// describe says what was expected; the library's own message carries the place
// a second time and Go's names of types.
func describe(err error, e yaml.Error) string {
	var te *yaml.TypeError
	if errors.As(err, &te) {
		return fmt.Sprintf("expected %s, found %s", plain(te.DstType.Kind().String()), plain(te.SrcType.Kind().String()))
	}
	var unknown *yaml.UnknownFieldError
	if errors.As(err, &unknown) {
		return strings.TrimSpace(unknown.Message) + "; mend the spelling or remove it"
	}
	return strings.TrimSpace(e.GetMessage())
}

func plain(kind string) string {
	switch kind {
	case "slice", "array":
		return "a list"
	case "map", "struct", "ptr":
		return "a mapping"
	case "string":
		return "a text"
	case "bool":
		return "true or false"
	case "float32", "float64":
		return "a number"
	default:
		if strings.HasPrefix(kind, "int") || strings.HasPrefix(kind, "uint") {
			return "a whole number"
		}
		return kind
	}
}
