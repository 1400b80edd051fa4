package testbed

import (
	"fmt"
	"strings"
	"testing"
)

func TestTailKeepsTheEnd(t *testing.T) {
	ta := &tail{}
	for i := range 3000 {
		if n, err := fmt.Fprintf(ta, "line %04d\n", i); n != 10 || err != nil {
			t.Fatal(n, err)
		}
	}
	s := ta.String()
	if len(s) != tailBytes || !strings.HasSuffix(s, "line 2998\nline 2999\n") {
		t.Errorf("%d bytes that end in %q", len(s), s[max(len(s)-20, 0):])
	}
}
