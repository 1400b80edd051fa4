package testbed

import (
	"fmt"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"strings"
	"testing"
)

func TestTailKeepsTheEnd(t *testing.T) {
	ta := &tail{}
	for i := range 3000 {
		n, err := fmt.Fprintf(ta, "line %04d\n", i)
		require.Equal(t, 10, n, "%v %v", n, err)
		require.NoError(t, err, "%v %v", n, err)
	}
	s := ta.String()
	require.Len(t, s, tailBytes, "%d bytes that end in %q", len(s), s[max(len(s)-20, 0):])
	assert.True(t, strings.HasSuffix(s, "line 2998\nline 2999\n"), "%d bytes that end in %q", len(s),
		s[max(len(s)-20, 0):])
}
