package wire

import "github.com/edgeprune/edgeprune/core/plan"

// MaxPartBytes is the size of the parts of a token where there is no bandwidth or
// latency to emulate: every message costs, and none has to be held back. It stays below
// the max_payload of NATS's default configuration.
const MaxPartBytes = 512 << 10

// PartBytes returns the most bytes of a token that one message carries over a link; nil
// is none.
func PartBytes(link *plan.Link) int64 {
	if link == nil || !link.Shaped() {
		return MaxPartBytes
	}
	return plan.ChunkBytes
}

// TokenBytes returns the bytes of all messages that carry a token of n bytes over a
// link, headers and all.
func TokenBytes(link *plan.Link, n int64) int64 {
	part := PartBytes(link)
	return n + HeaderBytes*max((n+part-1)/part, 1)
}
