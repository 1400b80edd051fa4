package agent

import (
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
)

func TestOnlyShapedLinksChunkFinely(t *testing.T) {
	for _, tt := range []struct {
		name string
		link *plan.Link
		want int64
	}{
		{"no link", nil, wholeBytes},
		{"unshaped", &plan.Link{Name: "l"}, wholeBytes},
		{"bandwidth", &plan.Link{BandwidthBytesPerSec: 1e6}, plan.ChunkBytes},
		{"latency", &plan.Link{Latency: time.Millisecond}, plan.ChunkBytes},
	} {
		if got := chunkOf(tt.link); got != tt.want {
			t.Errorf("%s: messages of %d bytes, want %d", tt.name, got, tt.want)
		}
	}
}
