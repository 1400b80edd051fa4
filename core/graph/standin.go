package graph

import "strings"

// StandIn returns a name for what has a name that Validate may refuse: the name itself where
// it is none of these, else one with _ for every character that a name can't have. Different
// names may have the same one.
func StandIn(name string) string {
	if nameForm.MatchString(name) {
		return name
	}
	var b strings.Builder
	for _, r := range name {
		if r < 0x80 && nameForm.MatchString("_"+string(r)) {
			b.WriteRune(r)
		} else {
			b.WriteByte('_')
		}
	}
	if s := b.String(); nameForm.MatchString(s) {
		return s
	}
	return "_" + b.String()
}
