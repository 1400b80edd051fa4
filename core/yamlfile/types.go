package yamlfile

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// types checks that a document fits a Go type before it is decoded: the library rounds
// 1.5 to a whole number, reads the text 010 as 8, and says of a duration without a unit
// that it found another whole number than it expected.
type types struct {
	name    string
	anchors map[string]ast.Node
	depth   int
}

// setter is a type that reads a text of its own, as flag.Value.
type setter interface{ Set(text string) error }

var (
	setterType   = reflect.TypeFor[setter]()
	decoderType  = reflect.TypeFor[interface{ UnmarshalYAML(func(any) error) error }]()
	durationType = reflect.TypeFor[time.Duration]()
)

func (c *types) errorf(n ast.Node, format string, args ...any) error {
	pos := graph.Pos{File: c.name}
	if t := n.GetToken(); t != nil && t.Position != nil {
		pos.Line, pos.Column = t.Position.Line, t.Position.Column
	}
	return Errorf(pos, format, args...)
}

// check returns what is wrong with the first value that doesn't fit t.
func (c *types) check(n ast.Node, t reflect.Type) error {
	if c.depth++; c.depth > maxDepth {
		return c.errorf(n, "more than %d lists and mappings lie within each other; nest less deeply", maxDepth)
	}
	defer func() { c.depth-- }()
	switch v := n.(type) {
	case *ast.AnchorNode:
		err := c.check(v.Value, t)
		c.anchors[v.Name.GetToken().Value] = v.Value
		return err
	case *ast.AliasNode:
		to := c.anchors[v.Value.GetToken().Value]
		if to == nil {
			return c.errorf(n, "there is no anchor &%s before this alias", v.Value.GetToken().Value)
		}
		return c.check(to, t)
	case *ast.NullNode:
		return c.null(v, t)
	}
	kind := t.Kind()
	switch {
	case t == durationType || reflect.PointerTo(t).Implements(setterType):
		return c.scalar(n, t)
	case reflect.PointerTo(t).Implements(decoderType):
		if kind == reflect.Slice && n.Type() != ast.SequenceType {
			return c.check(n, t.Elem()) // one value stands for a list of one
		}
		if _, text := n.(*ast.StringNode); text && kind == reflect.Struct {
			return nil // a text stands for a mapping
		}
	}
	switch kind {
	case reflect.Pointer:
		return c.check(n, t.Elem())
	case reflect.Struct:
		return c.mapping(n, t, func(key ast.MapKeyNode, value ast.Node) error {
			field, ok := fieldOf(t, key)
			if !ok {
				return c.errorf(key, "unknown field %q; mend the spelling or remove it%s", key.GetToken().Value,
					nearest.Hint(key.GetToken().Value, fieldsOf(t)))
			}
			return c.check(value, field)
		})
	case reflect.Map:
		return c.mapping(n, t, func(key ast.MapKeyNode, value ast.Node) error {
			if err := c.scalar(key, t.Key()); err != nil {
				return err
			}
			return c.check(value, t.Elem())
		})
	case reflect.Slice, reflect.Array:
		return c.list(n, t.Elem())
	case reflect.Interface:
		return c.any(n, t)
	}
	return c.scalar(n, t)
}

// null checks a value that is left empty: nothing stands for no number, as 0 would.
func (c *types) null(n *ast.NullNode, t reflect.Type) error {
	switch t.Kind() {
	case reflect.Struct, reflect.Map, reflect.Slice, reflect.Pointer, reflect.Interface:
		return nil
	case reflect.String:
		if n.GetToken().Type == token.ImplicitNullType {
			return nil
		}
	}
	return c.errorf(n, "expected %s, found nothing; give a value or remove the key", expected(t))
}

// list checks the items of a list.
func (c *types) list(n ast.Node, item reflect.Type) error {
	l, ok := n.(*ast.SequenceNode)
	if !ok {
		return c.errorf(n, "expected a list such as [%s], found %s", example(item), found(n))
	}
	for _, v := range l.Values {
		if err := c.check(v, item); err != nil {
			return err
		}
	}
	return nil
}

// mapping calls one for every key with its value. What a merge key adds fits t, too.
func (c *types) mapping(n ast.Node, t reflect.Type, one func(ast.MapKeyNode, ast.Node) error) error {
	var values []*ast.MappingValueNode
	switch m := n.(type) {
	case *ast.MappingNode:
		values = m.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{m}
	default:
		return c.errorf(n, "expected a mapping, found %s", found(n))
	}
	for _, v := range values {
		if _, merge := v.Key.(*ast.MergeKeyNode); merge {
			if err := c.merged(v.Value, t); err != nil {
				return err
			}
			continue
		}
		if err := one(v.Key, v.Value); err != nil {
			return err
		}
	}
	return nil
}

// merged checks the value of a merge key: one mapping or a list of them.
func (c *types) merged(n ast.Node, t reflect.Type) error {
	if l, ok := n.(*ast.SequenceNode); ok {
		for _, v := range l.Values {
			if err := c.check(v, t); err != nil {
				return err
			}
		}
		return nil
	}
	return c.check(n, t)
}

// any checks what may have any type: that it has just one meaning.
func (c *types) any(n ast.Node, t reflect.Type) error {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return c.mapping(n, t, func(_ ast.MapKeyNode, value ast.Node) error { return c.check(value, t) })
	case *ast.SequenceNode:
		return c.list(n, t)
	case *ast.InfinityNode, *ast.NanNode:
		return c.errorf(n, "expected a finite number, found %s", found(n))
	case *ast.IntegerNode:
		return c.octal(n)
	}
	return nil
}

// fieldOf returns the type of the field of t that a key names.
func fieldOf(t reflect.Type, key ast.MapKeyNode) (reflect.Type, bool) {
	if _, text := key.(*ast.StringNode); !text {
		return nil, false
	}
	for i := range t.NumField() {
		if name := keyOf(t.Field(i)); name != "" && name == key.GetToken().Value {
			return t.Field(i).Type, true
		}
	}
	return nil, false
}

// fieldsOf lists the keys of a mapping that becomes a t.
func fieldsOf(t reflect.Type) []string {
	var keys []string
	for i := range t.NumField() {
		if name := keyOf(t.Field(i)); name != "" {
			keys = append(keys, name)
		}
	}
	return keys
}

// keyOf returns the key of a field; "" for one that has none.
func keyOf(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	switch {
	case !f.IsExported() || name == "-":
		return ""
	case name == "":
		return strings.ToLower(f.Name)
	}
	return name
}

// found describes a value as it stands in the file.
func found(n ast.Node) string {
	const most = 40
	text := n.GetToken().Value
	if r := []rune(text); len(r) > most {
		text = string(r[:most]) + "…"
	}
	switch n := n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case *ast.StringNode:
		if _, number := numberOf(n); number {
			return text
		}
		return fmt.Sprintf("the text %q", text)
	case *ast.LiteralNode:
		return "a text of several lines"
	}
	return text
}

// numbers are the kinds of numbers.
var numbers = []reflect.Kind{
	reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
	reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64,
}

func whole(t reflect.Type) bool { return slices.Contains(numbers, t.Kind()) }
