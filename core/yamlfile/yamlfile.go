// Package yamlfile decodes YAML strictly and keeps the place of every value,
// so that an error can say file:line:column. It may not open files.
package yamlfile

import (
	"errors"
	"fmt"
	"reflect"
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
	defer func() { // the library panics on some odd documents
		if r := recover(); r != nil {
			doc, err = nil, fmt.Errorf("%w: %s: the YAML can't be read (%v); write it without anchors and aliases",
				ErrInput, name, r)
		}
	}()
	text, err := readable(name, data)
	if err != nil {
		return nil, err
	}
	tokens, err := tokens(name, text)
	if err != nil {
		return nil, err
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		return nil, located(name, err)
	}
	if err := oneDocument(name, file); err != nil {
		return nil, err
	}
	if err := checkValues(name, file.Docs[0].Body); err != nil {
		return nil, err
	}
	doc = &Doc{name: name, file: file}
	if t := reflect.TypeOf(v); t != nil && t.Kind() == reflect.Pointer {
		c := types{name: name, anchors: map[string]ast.Node{}}
		if err := c.check(file.Docs[0].Body, t.Elem()); err != nil {
			return nil, err
		}
	}
	if err := yaml.NodeToValue(file.Docs[0].Body, v, yaml.Strict()); err != nil {
		return nil, doc.located(err)
	}
	return doc, nil
}

// oneDocument leaves the one document that is not empty in a file.
func oneDocument(name string, f *ast.File) error {
	f.Docs = slices.DeleteFunc(f.Docs, func(d *ast.DocumentNode) bool { return d.Body == nil })
	switch len(f.Docs) {
	case 0:
		return Errorf(start(name), "it is empty; expected a YAML document")
	case 1:
		return nil
	}
	p := f.Docs[1].Body.GetToken().Position
	return Errorf(graph.Pos{File: name, Line: p.Line, Column: p.Column},
		"a second document begins here, of %d; expected one, make files of them", len(f.Docs))
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

// Has reports whether there is a value at a YAML path. A nil Doc has none.
func (d *Doc) Has(path string) bool {
	if d == nil {
		return false
	}
	p, err := yaml.PathString(d.real(path))
	if err != nil {
		return false
	}
	n, err := p.FilterFile(d.file)
	return err == nil && n != nil
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

// describe gives the library's message without the place that it carries a second time.
func describe(err error, e yaml.Error) string {
	var unknown *yaml.UnknownFieldError
	if errors.As(err, &unknown) {
		return strings.TrimSpace(unknown.Message) + "; mend the spelling or remove it"
	}
	message := strings.TrimSpace(e.GetMessage())
	if strings.Contains(message, "already defined at") {
		return message + "; remove one of them"
	}
	if strings.Contains(message, "'\t'") {
		return "a tab begins the line; indent it with spaces"
	}
	return message
}
