// Package keypath finds a value in Go data by the path that it has in YAML, such as
// platform.links[wifi].latency, says its type, and sets it from a text. It may not open
// files, nor know what the data are for.
package keypath

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/edgeprune/edgeprune/core/nearest"
)

// step is a part of a path: the name of a field or a key, or an item of a list.
type step struct {
	name string
	item bool // in brackets: an index, or the name of the item
}

// Path is a place in YAML.
type Path struct {
	steps []step
	text  string
}

// Parse reads a path: names joined by dots, items of lists in brackets, by their index or
// by what stands under their key name. "$." may stand in front. Errors wrap ErrPath.
func Parse(text string) (Path, error) {
	p := Path{text: strings.TrimPrefix(text, "$.")}
	rest := p.text
	for first := true; rest != "" || first; first = false {
		if item, ok := strings.CutPrefix(rest, "["); ok && !first {
			inside, after, closed := strings.Cut(item, "]")
			if !closed || inside == "" {
				return Path{}, fmt.Errorf("%w: %q: a bracket holds the index or the name of an item, such as links[0] or "+
					"links[wifi]", ErrPath, text)
			}
			p.steps, rest = append(p.steps, step{inside, true}), after
			continue
		}
		if !first {
			dotted, ok := strings.CutPrefix(rest, ".")
			if !ok {
				return Path{}, fmt.Errorf("%w: %q: behind ] comes . or [", ErrPath, text)
			}
			rest = dotted
		}
		end := strings.IndexAny(rest, ".[")
		if end < 0 {
			end = len(rest)
		}
		if end == 0 {
			return Path{}, fmt.Errorf("%w: %q has an empty name; write it as platform.links[0].latency", ErrPath, text)
		}
		p.steps, rest = append(p.steps, step{name: rest[:end]}), rest[end:]
	}
	return p, nil
}

// String returns the path as it was written, without "$.".
func (p Path) String() string { return p.text }

// Under reports whether the path has the names, in order, and any item where a name is "*".
func (p Path) Under(names ...string) bool {
	if len(p.steps) < len(names) {
		return false
	}
	for i, n := range names {
		if s := p.steps[i]; n == "*" && !s.item || n != "*" && (s.item || s.name != n) {
			return false
		}
	}
	return true
}

// Len returns the number of names and items of the path.
func (p Path) Len() int { return len(p.steps) }

// Place is a value within data. Setting it changes the data.
type Place struct {
	value reflect.Value
	in    reflect.Value // of a map, whose key holds the value; else zero
	key   reflect.Value
	path  string
}

// Find returns the place in the data that v points to. Pointers on the way that are nil get
// a zero value. Errors wrap ErrPath and say what is there instead.
func (p Path) Find(v any) (*Place, error) {
	at := &Place{value: reflect.ValueOf(v), path: p.text}
	walked := ""
	for _, s := range p.steps {
		at.in = reflect.Value{}
		value, err := p.open(at.value, walked)
		if err != nil {
			return nil, err
		}
		if s.item {
			at.value, err = p.item(value, s.name, walked)
			walked += "[" + s.name + "]"
		} else {
			err = p.member(at, value, s.name, walked)
			walked = strings.TrimPrefix(walked+"."+s.name, ".")
		}
		if err != nil {
			return nil, err
		}
	}
	if at.value.Kind() == reflect.Pointer {
		var err error
		at.value, err = p.open(at.value, walked)
		return at, err
	}
	return at, nil
}

// open follows pointers and interfaces.
func (p Path) open(v reflect.Value, walked string) (reflect.Value, error) {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			if v.Kind() == reflect.Interface || !v.CanSet() {
				return v, fmt.Errorf("%w: %s: nothing stands under %s", ErrPath, p.text, walked)
			}
			v.Set(reflect.New(v.Type().Elem()))
		}
		v = v.Elem()
	}
	return v, nil
}

func (p Path) item(v reflect.Value, name, walked string) (reflect.Value, error) {
	if v.Kind() != reflect.Slice {
		return v, fmt.Errorf("%w: %s: %s is no list", ErrPath, p.text, walked)
	}
	if i, err := strconv.Atoi(name); err == nil {
		if i < 0 || i >= v.Len() {
			return v, fmt.Errorf("%w: %s: %s has %d items, counted from 0", ErrPath, p.text, walked, v.Len())
		}
		return v.Index(i), nil
	}
	var known []string
	for i := range v.Len() {
		n, ok := nameOf(v.Index(i))
		if ok && n == name {
			return v.Index(i), nil
		}
		if ok {
			known = append(known, n)
		}
	}
	return v, fmt.Errorf("%w: %s: %s has no item named %q; it has %s%s", ErrPath, p.text, walked, name, list(known),
		nearest.Hint(name, known))
}

// nameOf returns what stands under the key name of an item.
func nameOf(v reflect.Value) (string, bool) {
	if v.Kind() != reflect.Struct {
		return "", false
	}
	for i := range v.NumField() {
		if Key(v.Type().Field(i)) == "name" && v.Field(i).Kind() == reflect.String {
			return v.Field(i).String(), true
		}
	}
	return "", false
}

// member moves a place to a field of a struct or a key of a map.
func (p Path) member(at *Place, v reflect.Value, name, walked string) error {
	switch v.Kind() {
	case reflect.Struct:
		var known []string
		for i := range v.NumField() {
			key := Key(v.Type().Field(i))
			if key == name {
				at.value = v.Field(i)
				return nil
			}
			if key != "" {
				known = append(known, key)
			}
		}
		return fmt.Errorf("%w: %s: %s has no key %q; it has %s%s", ErrPath, p.text, orTop(walked), name, list(known),
			nearest.Hint(name, known))
	case reflect.Map:
		key := reflect.ValueOf(name)
		if !key.CanConvert(v.Type().Key()) {
			break
		}
		key = key.Convert(v.Type().Key())
		held := v.MapIndex(key)
		if !held.IsValid() {
			return fmt.Errorf("%w: %s: nothing stands under %s.%s; write a value there for the study to vary", ErrPath, p.text,
				walked, name)
		}
		at.value, at.in, at.key = held, v, key
		return nil
	}
	return fmt.Errorf("%w: %s: %s is one value and has no key %q", ErrPath, p.text, orTop(walked), name)
}

// Key returns the name of a field in YAML; "" for none.
func Key(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	if !f.IsExported() || name == "-" {
		return ""
	}
	if name == "" {
		return strings.ToLower(f.Name)
	}
	return name
}

func orTop(walked string) string {
	if walked == "" {
		return "the file"
	}
	return walked
}

func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	names = slices.Clone(names)
	slices.Sort(names)
	return strings.Join(names, ", ")
}
