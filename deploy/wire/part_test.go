package wire

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/edgeprune/edgeprune/core/plan"
)

func TestOnlyShapedLinksTakeSmallParts(t *testing.T) {
	for name, tt := range map[string]struct {
		link *plan.Link
		want int64
	}{
		"no link":   {nil, MaxPartBytes},
		"unshaped":  {&plan.Link{Name: "l"}, MaxPartBytes},
		"bandwidth": {&plan.Link{BandwidthBytesPerSec: 1e6}, plan.ChunkBytes},
		"latency":   {&plan.Link{Latency: time.Millisecond}, plan.ChunkBytes},
	} {
		assert.Equal(t, tt.want, PartBytes(tt.link), name)
	}
}

func TestEveryPartOfATokenHasAHeader(t *testing.T) {
	shaped := &plan.Link{Latency: time.Millisecond}
	for n, parts := range map[int64]int64{0: 1, 1: 1, plan.ChunkBytes: 1, plan.ChunkBytes + 1: 2, 3 * plan.ChunkBytes: 3} {
		assert.Equal(t, n+parts*HeaderBytes, TokenBytes(shaped, n), "%d bytes", n)
	}
	assert.EqualValues(t, plan.ChunkBytes*8+HeaderBytes, TokenBytes(nil, plan.ChunkBytes*8))
}
