package result

import (
	"github.com/stretchr/testify/assert"
	"testing"
)

func TestFileName(t *testing.T) {
	for s, want := range map[string]string{
		"slow/wired/all on server, raw none": "slow-wired-all-on-server-raw-none",
		"PP4 dw2+1 fp16":                     "PP4-dw2+1-fp16",
		"../../etc/ä:*?":                     "..-..-etc-----",
	} {
		assert.Equal(t, want, FileName(s), "FileName(%q)", s)
	}
}
