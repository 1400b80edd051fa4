// Package cachedir says where downloaded and generated data is kept; it may not create or read anything there.
package cachedir

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Default returns the cache root: $EDGEPRUNE_CACHE, else
// $XDG_CACHE_HOME/edgeprune, else ~/.cache/edgeprune. The directory need not
// exist. It fails if none of these variables and no home directory is set, or
// if $EDGEPRUNE_CACHE is not absolute.
func Default() (string, error) { return In(os.Getenv) }

// In is Default under the variables of an environment.
func In(getenv func(string) string) (string, error) {
	if d := getenv("EDGEPRUNE_CACHE"); d != "" {
		if !filepath.IsAbs(d) {
			return "", fmt.Errorf("cachedir: EDGEPRUNE_CACHE=%q is not an absolute path", d)
		}
		return filepath.Clean(d), nil
	}
	if d := getenv("XDG_CACHE_HOME"); d != "" {
		if !filepath.IsAbs(d) {
			return "", fmt.Errorf("cachedir: XDG_CACHE_HOME=%q is not an absolute path", d)
		}
		return filepath.Join(d, "edgeprune"), nil
	}
	home := getenv("HOME")
	if home == "" {
		return "",
			errors.New("cachedir: no cache directory (set EDGEPRUNE_CACHE): neither $XDG_CACHE_HOME nor $HOME are defined")
	}
	return filepath.Join(home, ".cache", "edgeprune"), nil
}
