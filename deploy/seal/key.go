package seal

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/edgeprune/edgeprune/deploy/identity"
	"github.com/nats-io/nkeys"
)

// Key is a device's pair of curve keys (X25519), of which peers know the public half. It
// prints as that.
type Key struct {
	pair   nkeys.KeyPair
	public string
}

// NewKey makes a key. Errors wrap ErrKey.
func NewKey() (*Key, error) {
	pair, err := nkeys.CreateCurveKeys()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	return newKey(pair)
}

func newKey(pair nkeys.KeyPair) (*Key, error) {
	public, err := pair.PublicKey()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	return &Key{pair, public}, nil
}

// Keep returns the key that a file holds, which only its owner may read; if there is none, it
// makes one, and the file. Errors wrap ErrKey.
func Keep(path string) (*Key, error) {
	seed, err := identity.ReadSecret(path)
	if errors.Is(err, fs.ErrNotExist) {
		return create(path)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	pair, err := nkeys.FromCurveSeed(bytes.TrimSpace(seed))
	clear(seed)
	if err != nil {
		// The library's text may quote the file.
		return nil, fmt.Errorf("%w: %s holds no seed of a curve key; remove the file to have a new one made", ErrKey, path)
	}
	return newKey(pair)
}

func create(path string) (*Key, error) {
	k, err := NewKey()
	if err != nil {
		return nil, err
	}
	seed, err := k.pair.Seed()
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o700)
	}
	if err == nil {
		err = identity.WriteNew(path, append(seed, '\n'))
	}
	clear(seed)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	return k, nil
}

// Public returns the public half.
func (k *Key) Public() string { return k.public }

// String returns the public half.
func (k *Key) String() string { return k.public }

// GoString returns the public half.
func (k *Key) GoString() string { return k.public }
