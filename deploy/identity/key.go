package identity

import (
	"bytes"
	"fmt"
	"os"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

// Key is an nkey: who has it is the client. It prints as its public half.
type Key struct {
	pair   nkeys.KeyPair
	public string
}

// NewKey makes a key.
func NewKey() (*Key, error) {
	pair, err := nkeys.CreateUser()
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

// ReadKey reads a key's seed from a file, which only its owner may read. Errors wrap ErrKey.
func ReadKey(path string) (*Key, error) {
	seed, err := ReadSecret(path)
	if err != nil {
		return nil, err
	}
	pair, err := nkeys.ParseDecoratedUserNKey(seed)
	clear(seed)
	if err != nil {
		// The library's text may quote the file.
		return nil, fmt.Errorf("%w: %s holds no nkey of a user; it begins with SU, as `edgeprune testbed init` or nk(1) "+
			"write it", ErrKey, path)
	}
	return newKey(pair)
}

// ReadSecret reads a file that others may not read. Errors wrap ErrKey.
func ReadSecret(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("%w: others may read %s, its mode is %04o; make a new key if that was so for long, else: "+
			"chmod 600 %s", ErrKey, path, mode, path)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	return b, nil
}

// Public returns the public half, which the server knows.
func (k *Key) Public() string { return k.public }

// String returns the public half.
func (k *Key) String() string { return k.public }

// GoString returns the public half.
func (k *Key) GoString() string { return k.public }

// Save writes the seed to a file that is not there yet and that only its owner may read.
func (k *Key) Save(path string) error {
	seed, err := k.pair.Seed() // the pair's own memory
	if err != nil {
		return fmt.Errorf("%w: %w", ErrKey, err)
	}
	return WriteNew(path, append(bytes.Clone(seed), '\n'))
}

// WriteNew writes a file that is not there yet and that only its owner may read.
func WriteNew(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}

// Option has a connection use the key.
func (k *Key) Option() nats.Option { return nats.Nkey(k.public, k.pair.Sign) }
