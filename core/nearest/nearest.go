// Package nearest finds the known name that somebody most likely meant who wrote another, for
// the texts of errors. It is the one place that does so, for commands, flags, keys of files,
// actors, devices, links, codecs, metrics and all other names.
package nearest

import (
	"fmt"
	"strings"

	"github.com/xrash/smetrics"
)

// Bounds on what is compared, so that a hostile file can't make an error take long.
const (
	mostKnown = 10_000
	longest   = 200 // bytes of a name
)

// Hint returns a question to put behind an error about a name that isn't known, beginning with
// a semicolon; "" if no known one is near.
func Hint[N, K ~string](name N, known []K) string {
	if near := Of(name, known); near != "" {
		return fmt.Sprintf("; did you mean %q?", string(near))
	}
	return ""
}

// Of returns which of the known names somebody most likely meant who wrote name; ""
// if none is near: one in three letters may be missing, too many, or another, and of a
// longer name all behind the first three may be missing.
func Of[N, K ~string](name N, known []K) K {
	wrote := string(name)
	if len(known) > mostKnown || len(wrote) > longest {
		return ""
	}
	best, least := K(""), max(1, len(wrote)/3)+1
	for _, k := range known {
		if apart := len(k) - len(wrote); max(apart, -apart) >= least {
			continue
		}
		d := smetrics.WagnerFischer(strings.ToLower(wrote), strings.ToLower(string(k)), 1, 1, 1)
		if swapped(wrote, string(k)) {
			d = 1
		}
		if d < least && d < len(k) {
			best, least = k, d
		}
	}
	if best != "" || len(wrote) < 3 {
		return best
	}
	for _, k := range known { // an abbreviation
		if strings.HasPrefix(string(k), wrote) {
			return k
		}
	}
	return ""
}

// swapped reports whether two names differ in the order of two neighbouring letters.
func swapped(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}
