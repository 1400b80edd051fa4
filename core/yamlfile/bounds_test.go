package yamlfile

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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

// steps returns n keys, or items, each in the one before and a column further right.
func steps(n int, what string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + what + "\n")
	}
	return b.String()
}

// What would take too much memory or time is refused before it does, with its place.
func TestBounds(t *testing.T) {
	for _, c := range []struct{ name, yaml, want string }{
		{"large", "a: " + strings.Repeat("x", MaxBytes), "f.yaml:1:1: it has more than 4194304 bytes; is it a YAML file?"},
		{"dashes", strings.Repeat("- ", 10_000), "f.yaml:1:201: more than 100 lists and mappings lie within each other"},
		{"many dashes", strings.Repeat("- ", 200_000), "f.yaml:1:201: more than 100 lists and mappings lie"},
		{"dashes in lines", steps(300, "-"), "f.yaml:101:101: more than 100 lists"},
		{"dashes in a text", "a: |\n  " + strings.Repeat("- ", 300), ""},
		{"keys", steps(300, "a:"), "f.yaml:101:102: more than 100 lists"},
		{"explicit keys", strings.Repeat("? ", 10_000), "f.yaml:1:1: a key after ? has no meaning here"},
		{"brackets", "a:\n  " + strings.Repeat("[", 100_000), "f.yaml:2:102: more than 100 lists"},
		{"brackets after some in quotes", strings.Repeat("[ ']]', ", 300), "more than 100 lists"},
		{"braces", strings.Repeat("{a: ", 100_000), "f.yaml:1:401: more than 100 lists"},
		{"aliases in each other", chain(200), "more than 100 lists"},
		{"aliases", bomb(30), "with its aliases the document has more than 1048576 values"},
		{"items", strings.Repeat("- a\n", maxMarks+1),
			"f.yaml:524289:1: up to here the file has more than 524288 list items"},
		{"empty items", strings.Repeat("-\n", 100_000), "too many keys in one mapping, or empty items"},
		{"long mapping", longMapping(30_000), "f.yaml:20000:7: up to here the file has too many keys in one mapping"},
	} {
		var v any
		_, err := Decode("f.yaml", []byte(c.yaml), &v)
		if c.want == "" {
			assert.NoError(t, err, c.name)
			continue
		}
		require.ErrorIs(t, err, ErrInput, c.name)
		assert.Contains(t, err.Error(), c.want, c.name)
		assert.Less(t, len(err.Error()), 200, c.name)
	}
	for _, s := range []string{bomb(5), strings.Repeat("- [a, {b: c}]\n", 2*maxDepth), steps(90, "a:"), steps(90, "-"),
		"a: &a {b: 1}\nc: {<<: *a, d: *a}\n", strings.Repeat("- a:\n  - b: {c: [d]}\n", 2*maxDepth), longMapping(10_000)} {
		var v any
		_, err := Decode("f.yaml", []byte(s), &v)
		assert.NoError(t, err, "%.40s", s)
	}
}

// marked returns texts of MaxBytes that the lexer makes a token of for every few bytes.
func marked() map[string][]byte {
	texts := map[string][]byte{}
	for _, s := range []string{
		`""`, "''", "\"\"\n", "'' ", ">\n", "|\n", "@", "`", "...\n", "...\r", "a\n", "a\r", ":|\n", "---\n", "[", "#\n",
		"*a ",
	} {
		texts[s] = []byte("a: {b\n" + strings.Repeat(s, (MaxBytes-6)/len(s)))
	}
	return texts
}

// Tokens are bounded before they are made.
func TestBoundOfTokens(t *testing.T) {
	for s, text := range marked() {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := tokens("f.yaml", text)
		runtime.ReadMemStats(&after)
		require.ErrorIs(t, err, ErrInput, "%q", s)
		assert.ErrorContains(t, err, "more than 524288 list items, keys, brackets, quotes and lines; write fewer", "%q", s)
		assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20), "%q", s)
	}
	// What stands in a long text is no mark, nor is the end of a line that has one.
	for _, s := range []string{"a: " + strings.Repeat("b-c?e.f", MaxBytes/8-1), strings.Repeat("- a\n", maxMarks/2+1)} {
		_, err := tokens("f.yaml", []byte(s))
		assert.NoError(t, err, "%.40s", s)
	}
}

// chain returns lists of an alias of the list before, n times.
func chain(n int) string {
	var b strings.Builder
	b.WriteString("a0: &a0 [1]\n")
	for i := 1; i < n; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [*a%d]\n", i, i, i-1)
	}
	return b.String()
}

func longMapping(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "k%d: 1\n", i)
	}
	return b.String()
}

// Refusing a document of great depth takes memory in proportion to it.
func TestBoundsTakeLittleMemory(t *testing.T) {
	text := []byte(strings.Repeat("- ", 200_000))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var v any
	_, err := Decode("f.yaml", text, &v)
	runtime.ReadMemStats(&after)
	require.ErrorIs(t, err, ErrInput)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(300*len(text)))
}
