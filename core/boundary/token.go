package boundary

// TokenID identifies a token that one device sends to another. In an
// acknowledgement it names the first token that is not committed. Effects, messages,
// queues and events carry it as it is.
type TokenID struct {
	FIFO     int    // index in the plan's graph
	Seq      uint64 // number of the token in its FIFO; the first delay token is 0
	Prev     uint64 // one more than the number of the FIFO's token sent before; of an acknowledgement: Seq
	From, To uint64 // epochs of the incarnation that sends and of the one that it is meant for
}
