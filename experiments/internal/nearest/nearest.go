// Package nearest finds the known name that somebody most likely meant who wrote another.
package nearest

import (
	"strings"

	"github.com/xrash/smetrics"
)

// Of returns which of the known names somebody most likely meant who wrote name; ""
// if none is near: one in three letters may be missing, too many, or another, and of a
// longer name all behind the first three may be missing.
func Of(name string, known []string) string {
	best, least := "", max(1, len(name)/3)+1
	for _, k := range known {
		d := smetrics.WagnerFischer(strings.ToLower(name), strings.ToLower(k), 1, 1, 1)
		if swapped(name, k) {
			d = 1
		}
		if d < least && d < len(k) {
			best, least = k, d
		}
	}
	if best != "" || len(name) < 3 {
		return best
	}
	for _, k := range known { // an abbreviation
		if strings.HasPrefix(k, name) {
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
