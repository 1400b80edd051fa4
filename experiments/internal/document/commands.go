package document

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// Commands returns the words of every call of a program in a script for bash, from the
// program's name or path on. A word that the shell would change, as $HOME, stays as it is written.
func Commands(script, program string) ([][]string, error) {
	file, err := syntax.NewParser().Parse(strings.NewReader(script), "")
	if err != nil {
		return nil, fmt.Errorf("no script for bash: %w", err)
	}
	var found [][]string
	syntax.Walk(file, func(n syntax.Node) bool {
		call, ok := n.(*syntax.CallExpr)
		if !ok {
			return true
		}
		words := make([]string, 0, len(call.Args))
		for _, w := range call.Args {
			words = append(words, word(w, script))
		}
		// Behind sudo, env and the like the program isn't the first word, and may be a user's name before.
		for i, w := range slices.Backward(words) {
			if path.Base(w) == program {
				found = append(found, words[i:])
				break
			}
		}
		return true
	})
	return found, nil
}

// word is what a shell makes of a word that it needn't expand, or the word as it is written.
func word(w *syntax.Word, script string) string {
	var b strings.Builder
	for _, part := range w.Parts {
		switch part := part.(type) {
		case *syntax.Lit:
			b.WriteString(part.Value)
		case *syntax.SglQuoted:
			b.WriteString(part.Value)
		case *syntax.DblQuoted:
			for _, inner := range part.Parts {
				lit, ok := inner.(*syntax.Lit)
				if !ok {
					return written(w, script)
				}
				b.WriteString(lit.Value)
			}
		default:
			return written(w, script)
		}
	}
	return b.String()
}

func written(w *syntax.Word, script string) string { return script[w.Pos().Offset():w.End().Offset()] }
