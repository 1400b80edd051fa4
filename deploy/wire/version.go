package wire

import (
	"cmp"
	"fmt"
)

// Format is the version of all messages between coordinators and devices, which must have the
// same one. It changes with every change of what is on the wire.
const Format = 4

// Build says what a program speaks. Programs from before there were versions say nothing.
type Build struct {
	Wire    int    `json:"wire,omitempty"`    // its Format; 0: before there were versions
	Program string `json:"program,omitempty"` // its version, for people to read
}

// String says it in words, without control characters.
func (b Build) String() string {
	return fmt.Sprintf("edgeprune %s with wire version %d", plain(b.Program), cmp.Or(b.Wire, 1))
}

// Check returns nil if another program, named as in "device d0", has this one's Format.
// Else the error wraps ErrVersion.
func (b Build) Check(who string, own Build) error {
	if b.Wire == Format {
		return nil
	}
	return fmt.Errorf("%w: %s runs %v, this is %v; install the same version on both", ErrVersion, who, b, own)
}
