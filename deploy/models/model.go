package models

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/edgeprune/edgeprune/deploy/wire"
)

// Describe returns what names a sub-model and its parts.
func Describe(data []byte) wire.Model {
	m := wire.Model{SHA256: digest(data), Bytes: int64(len(data))}
	for i := range count(m.Bytes) {
		m.Parts = append(m.Parts, digest(data[extent(i, m.Bytes):extent(i+1, m.Bytes)]))
	}
	return m
}

// Check returns an error that wraps ErrModel unless m may be what Describe has returned. Its
// digests can name files then.
func Check(m *wire.Model) error {
	if m.Bytes < 0 || int64(len(m.Parts)) != count(m.Bytes) {
		return fmt.Errorf("%w of %d bytes in %d parts: each has %d bytes, but the last", ErrModel, m.Bytes, len(m.Parts),
			wire.ModelPartBytes)
	}
	for _, s := range append([]string{m.SHA256}, m.Parts...) {
		if b, err := hex.DecodeString(s); err != nil || len(b) != sha256.Size || hex.EncodeToString(b) != s {
			return fmt.Errorf("%w: %.80q is no SHA-256 in hexadecimal", ErrModel, s)
		}
	}
	return nil
}

// count returns how many parts n bytes have.
func count(n int64) int64 { return (n + wire.ModelPartBytes - 1) / wire.ModelPartBytes }

// extent returns where part i of n bytes begins; of the part after the last one, n.
func extent(i, n int64) int64 { return min(i*wire.ModelPartBytes, n) }

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
