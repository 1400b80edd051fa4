package seal

import (
	"bytes"
	"fmt"

	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nkeys"
)

// Box seals what a device sends to one peer, and opens what comes from it: NaCl's box
// (X25519, XSalsa20, Poly1305) by way of nkeys' curve keys, with a random nonce per message.
// It is safe for concurrent use.
type Box struct {
	key  *Key
	peer string
}

// With returns the Box with a peer whose public key is given. Errors wrap ErrKey.
func (k *Key) With(peer string) (*Box, error) {
	if !nkeys.IsValidPublicCurveKey(peer) {
		return nil, fmt.Errorf("%w: %q is no public curve key", ErrKey, peer)
	}
	return &Box{k, peer}, nil
}

// Seal appends to dst the message to send for one that wire.Buffer.Message has made: the same
// header, which stays readable, and sealed under it the header once more, to tell that it was
// not changed, and the part of the token. It is wire.SealBytes longer. Errors wrap ErrKey.
func (b *Box) Seal(dst, msg []byte) ([]byte, error) {
	sealed, err := b.key.pair.Seal(msg, b.peer)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	return append(append(dst, msg[:wire.HeaderBytes]...), sealed...), nil
}

// Open returns the part of a token that Seal has put into a message, in memory of its own.
// Errors wrap ErrSealed.
func (b *Box) Open(msg []byte) ([]byte, error) {
	if len(msg) < wire.HeaderBytes+wire.SealBytes {
		return nil, fmt.Errorf("%w: %d bytes, expected at least %d", ErrSealed, len(msg), wire.HeaderBytes+wire.SealBytes)
	}
	header := msg[:wire.HeaderBytes]
	plain, err := b.key.pair.Open(msg[wire.HeaderBytes:], b.peer)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrSealed, err)
	case !bytes.HasPrefix(plain, header):
		return nil, fmt.Errorf("%w: its header was changed", ErrSealed)
	}
	return plain[wire.HeaderBytes:], nil
}
