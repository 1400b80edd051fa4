// Package transport is what a connection to a NATS server lacks: messages of any size,
// and errors that somebody is told. It may not know what messages say.
package transport
