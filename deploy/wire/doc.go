// Package wire is what agents and the coordinator say to each other: the binary
// messages that carry tokens, the batches that carry traces, control requests,
// and the subjects of all of them. It may not send or receive anything itself.
package wire
