// Package input marks errors that the user must correct, for all commands.
package input

import (
	"fmt"
	"io"
	"os"

	"github.com/edgeprune/edgeprune/core/yamlfile"
)

// Error says that what the user gave is wrong. It wraps yamlfile.ErrInput.
func Error(err error) error { return fmt.Errorf("%w: %w", yamlfile.ErrInput, err) }

// ReadYAML reads a file that the user named, as far as is needed to decode it or to tell
// that it is too large: see yamlfile.MaxBytes. A missing one is the user's to correct.
func ReadYAML(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, Error(err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, yamlfile.MaxBytes+1))
	if err != nil {
		return nil, Error(err)
	}
	return b, nil
}

// Read reads a file that the user named: a missing one is the user's to correct.
func Read(path string) ([]byte, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, Error(err)
	}
	return b, nil
}
