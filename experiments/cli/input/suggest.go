package input

import (
	"fmt"

	"github.com/edgeprune/edgeprune/experiments/internal/nearest"
)

// Suggest returns a question to put behind an error about a name that isn't known; "" if
// no known one is near.
func Suggest(name string, known []string) string {
	if near := nearest.Of(name, known); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ""
}
