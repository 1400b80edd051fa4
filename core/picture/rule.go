package picture

import (
	_ "embed" // for the rule
	"strings"
)

//go:embed doc.go
var doc string

// Rule returns the rule in words, as the comment of this package says it, for the user.
func Rule() string {
	var lines []string
	for line := range strings.Lines(doc) {
		if text, comment := strings.CutPrefix(strings.TrimRight(line, "\n"), "//"); comment {
			lines = append(lines, strings.TrimPrefix(text, " "))
		}
	}
	_, rule, _ := strings.Cut(strings.Join(lines, "\n"), "\n\n")
	return rule
}
