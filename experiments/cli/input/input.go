// Package input marks errors that the user must correct, for all commands.
package input

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/yamlfile"
)

// Error says that what the user gave is wrong. It wraps yamlfile.ErrInput.
func Error(err error) error { return fmt.Errorf("%w: %w", yamlfile.ErrInput, err) }
