package result

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestFileName(t *testing.T) {
	for s, want := range map[string]string{
		"slow/wired/all on server, raw none": "slow-wired-all-on-server-raw-none",
		"PP4 dw2+1 fp16":                     "PP4-dw2+1-fp16",
		"../../etc/ä:*?":                     "--..-etc-----",
		"..":                                 "-", ".": "-", "": "-", ".hidden": "-hidden", "a.b": "a.b",
	} {
		assert.Equal(t, want, FileName(s), "FileName(%q)", s)
	}
	long := strings.Repeat("x", 300)
	name, other := FileName(long+"a"), FileName(long+"b")
	assert.Less(t, len(name), 200)
	assert.NotEqual(t, name, other)
	assert.Equal(t, name, FileName(long+"a"))
}
