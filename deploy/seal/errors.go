package seal

import "errors"

var (
	// ErrKey: a key can't be made, kept or read, or is none.
	ErrKey = errors.New("bad key to seal tokens with")
	// ErrSealed: a message was not sealed by the peer for this device, or was changed.
	ErrSealed = errors.New("not a message that the peer has sealed")
)
