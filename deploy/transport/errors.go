package transport

import "errors"

var (
	// ErrPayload: the server's max_payload is below wire.LeastPayload.
	ErrPayload = errors.New("max_payload of the NATS server is too small")
	// ErrClosed: the connection was closed, and doesn't come back.
	ErrClosed = errors.New("the connection to the NATS server was closed")
	// ErrDropped: messages were dropped because they came faster than they were taken.
	ErrDropped = errors.New("messages were dropped")
)
