package yamlfile

import (
	"fmt"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"strings"
	"testing"
)

// bomb returns lists of nine aliases of the list before, n times.
func bomb(n int) string {
	var b strings.Builder
	b.WriteString("a0: &a0 [1, 2, 3, 4, 5, 6, 7, 8, 9]\n")
	for i := 1; i < n; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [%s*a%d]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 8), i-1)
	}
	return b.String()
}

func TestBounds(t *testing.T) {
	for _, c := range []struct{ name, yaml, want string }{
		{"large", "a: " + strings.Repeat("x", maxBytes), "f.yaml: it has 4194307 bytes; at most 4194304"},
		{"deep", "a:\n  " + strings.Repeat("[", maxDepth+1), "f.yaml:2:1003: more than 1000 brackets are open"},
		{"deep mapping", strings.Repeat("{a: ", maxDepth+1), "f.yaml:1:4001: more than 1000 brackets are open"},
		{"aliases", bomb(30), "with its aliases the document has more than 1048576 values"},
		{"tagged aliases", bomb(6) + "b: !x [*a5]\n", "more than 1048576 values"},
	} {
		var v any
		_, err := Decode("f.yaml", []byte(c.yaml), &v)
		require.ErrorIs(t, err, ErrInput, c.name)
		assert.Contains(t, err.Error(), c.want, c.name)
	}
	for _, s := range []string{bomb(5), strings.Repeat("- [a, {b: c}]\n", 2*maxDepth),
		"a: &a {b: 1}\nc: {<<: *a, d: *a}\n"} {
		var v any
		_, err := Decode("f.yaml", []byte(s), &v)
		assert.NoError(t, err, s)
	}
}
