// Package delivery holds what makes tokens and trace batches arrive whole and once over
// connections that break, as state machines without I/O: an Assembler puts tokens
// together from chunks, an Outgoing keeps trace batches until they have been received,
// and an Incoming says which of them are new. It may not know a transport or a clock,
// nor start a goroutine, so that all of it runs under seeds.
package delivery
