package yamlfile

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/edgeprune/edgeprune/core/quantity"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// scalar checks a value that is neither a list nor a mapping.
func (c *types) scalar(n ast.Node, t reflect.Type) error {
	text, quoted := textOf(n)
	wrong := func() error {
		hint := ""
		if quoted && t.Kind() != reflect.String {
			hint = "; remove the quotes"
		}
		return c.errorf(n, "expected %s, found %s%s", expected(t), found(n), hint)
	}
	switch n.(type) {
	case *ast.SequenceNode, *ast.MappingNode, *ast.MappingValueNode:
		return wrong()
	}
	if t == durationType {
		d, err := quantity.ParseDuration(text)
		if err != nil {
			return c.errorf(n, "%w", err)
		}
		settle(n, d)
		return nil
	}
	if s, ok := reflect.New(t).Interface().(setter); ok {
		if err := s.Set(text); err != nil {
			return c.errorf(n, "%w", err)
		}
		return c.octal(n)
	}
	value, number := numberOf(n)
	switch {
	case t.Kind() == reflect.String:
		return c.text(n)
	case t.Kind() == reflect.Bool:
		if _, ok := n.(*ast.BoolNode); !ok {
			return wrong()
		}
	case whole(t):
		if !number || !value.IsInt() || !fits(value, t) {
			return wrong()
		}
		return c.octal(n)
	case t.Kind() == reflect.Float32 || t.Kind() == reflect.Float64:
		f, _ := value.Float64()
		if !number || math.IsInf(f, 0) || t.Kind() == reflect.Float32 && math.IsInf(float64(float32(f)), 0) {
			return wrong()
		}
		return c.octal(n)
	}
	return nil
}

// text checks a text without quotes, which may read as something else.
func (c *types) text(n ast.Node) error {
	raw := n.GetToken().Value
	read := raw
	switch v := n.(type) {
	case *ast.IntegerNode:
		read = fmt.Sprint(v.Value)
	case *ast.FloatNode:
		read = strconv.FormatFloat(v.Value, 'f', -1, 64)
	case *ast.BoolNode:
		read = strconv.FormatBool(v.Value)
	case *ast.InfinityNode, *ast.NanNode:
		read = ""
	}
	if read != raw {
		return c.errorf(n, "expected a text, found %s, which may be read as %s; write it in quotes: %q", raw,
			cmp.Or(read, "a number"), raw)
	}
	return nil
}

// octal refuses a whole number that begins with 0 and another digit, which YAML 1.1 reads
// to the base of 8 and YAML 1.2 doesn't.
func (c *types) octal(n ast.Node) error {
	digits := strings.ReplaceAll(strings.TrimLeft(n.GetToken().Value, "+-"), "_", "")
	if _, ok := n.(*ast.IntegerNode); ok && len(digits) > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9' {
		return c.errorf(n, "%s may be read to the base of 8 or 10; write it without the 0 in front, or in quotes",
			n.GetToken().Value)
	}
	return nil
}

// textOf returns a scalar as it stands in the file, and whether in quotes.
func textOf(n ast.Node) (text string, quoted bool) {
	t := n.GetToken()
	if l, ok := n.(*ast.LiteralNode); ok {
		return l.Value.Value, true
	}
	return t.Value, t.Type == token.SingleQuoteType || t.Type == token.DoubleQuoteType
}

// numberOf returns the value of a finite number.
func numberOf(n ast.Node) (value *big.Float, ok bool) {
	switch v := n.(type) {
	case *ast.IntegerNode:
		value, ok = new(big.Float).SetString(fmt.Sprint(v.Value))
	case *ast.FloatNode:
		if !math.IsNaN(v.Value) {
			value, ok = big.NewFloat(v.Value), true
		}
	case *ast.StringNode: // the library takes 1e3 for a text
		text, quoted := textOf(n)
		if f, err := strconv.ParseFloat(text, 64); err == nil && !quoted && !math.IsNaN(f) {
			value, ok = big.NewFloat(f), true
		}
	}
	if value == nil || value.IsInf() {
		return new(big.Float), false
	}
	return value, ok
}

// fits reports whether a whole number is one of type t.
func fits(v *big.Float, t reflect.Type) bool {
	i, _ := v.Int(nil)
	zero := reflect.Zero(t)
	if zero.CanInt() {
		return i.IsInt64() && !zero.OverflowInt(i.Int64())
	}
	return i.IsUint64() && !zero.OverflowUint(i.Uint64())
}

// expected says what a scalar of type t is, with an example.
func expected(t reflect.Type) string {
	switch {
	case t == durationType:
		return "a duration such as " + example(t)
	case whole(t) && t.Size() == 1 && reflect.Zero(t).CanUint():
		return "a whole number from 0 to 255"
	case whole(t) && reflect.Zero(t).CanUint():
		return "a whole number from 0 on such as " + example(t)
	case whole(t):
		return "a whole number such as " + example(t)
	case t.Kind() == reflect.Float32 || t.Kind() == reflect.Float64:
		return "a number such as " + example(t)
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.String || t.Kind() == reflect.Struct:
		return "a text"
	}
	return "a number with its unit"
}

// example returns a value of type t.
func example(t reflect.Type) string {
	switch {
	case t == durationType:
		return "5ms"
	case whole(t):
		return "10"
	case t.Kind() == reflect.Float32 || t.Kind() == reflect.Float64:
		return "0.5"
	case t.Kind() == reflect.Bool:
		return "true"
	case t.Kind() == reflect.Struct || t.Kind() == reflect.Map:
		return "{key: value}"
	}
	return "a, b"
}

// settle writes a duration into the tree where the library would not read it: with a blank
// before its unit, or 0 without one. A decoder of our own would be slower, as the library
// goes through the whole file for each value that one reads.
func settle(n ast.Node, d time.Duration) {
	switch n := n.(type) {
	case *ast.StringNode:
		if _, err := time.ParseDuration(n.Value); err != nil {
			n.Value = d.String()
		}
	case *ast.IntegerNode:
		n.Value = d
	}
}
