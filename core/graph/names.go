package graph

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/nearest"
)

// Names finds actors by name in about constant time; see IndexNames.
type Names struct {
	list    []string
	first   map[string]int
	lengths map[int]bool // of the names, in bytes
}

// IndexNames indexes the names of actors. It keeps the list.
func IndexNames(names []string) *Names {
	x := &Names{list: names, first: make(map[string]int, len(names)), lengths: map[int]bool{}}
	for i, name := range slices.Backward(names) {
		x.first[name] = i
		x.lengths[len(name)] = true
	}
	return x
}

// Find returns the index of the first actor of that name, or -1.
func (x *Names) Find(name string) int {
	if i, ok := x.first[name]; ok {
		return i
	}
	return -1
}

// End finds the actor and the port that "actor.port" names. Both may have dots in
// their names; of two actors that fit, it is the one with the longer name. If none
// fits, the index is -1.
func (x *Names) End(s string) (actor int, port string) {
	for at := strings.LastIndexByte(s, '.'); at >= 0; at = strings.LastIndexByte(s[:at], '.') {
		if !x.lengths[at] {
			continue
		}
		if i, ok := x.first[s[:at]]; ok {
			return i, s[at+1:]
		}
	}
	return -1, ""
}

// mostNamed is how many names an error lists.
const mostNamed = 32

// String lists the names for an error, the first of them if they are many.
func (x *Names) String() string { return ListNames(x.list) }

// Hint asks which actor was meant by a name that none has; see nearest.Hint.
func (x *Names) Hint(name string) string { return nearest.Hint(name, x.list) }

// ListNames joins names for an error; of more than 32, it is the first 32 and how many
// there are in all.
func ListNames(names []string) string {
	if len(names) <= mostNamed {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:mostNamed], ", ") + fmt.Sprintf(", ... (%d in all)", len(names))
}
