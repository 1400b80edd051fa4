// Package input marks errors that the user must correct, for all commands.
package input

import (
	"fmt"
	"os"

	"github.com/edgeprune/edgeprune/core/yamlfile"
)

// Error says that what the user gave is wrong. It wraps yamlfile.ErrInput.
func Error(err error) error { return fmt.Errorf("%w: %w", yamlfile.ErrInput, err) }

// Read reads a file that the user named: a missing one is the user's to correct.
func Read(path string) ([]byte, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, Error(err)
	}
	return b, nil
}
