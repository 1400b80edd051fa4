// Package cachedir says where downloaded and generated data is kept; it may not create or read anything there.
package cachedir

import (
	"fmt"
	"os"
	"path/filepath"
)

// Default returns the cache root: $EDGEPRUNE_CACHE, else
// $XDG_CACHE_HOME/edgeprune, else ~/.cache/edgeprune. The directory need not
// exist. It fails if none of these variables and no home directory is set, or
// if $EDGEPRUNE_CACHE is not absolute.
func Default() (string, error) {
	if d := os.Getenv("EDGEPRUNE_CACHE"); d != "" {
		if !filepath.IsAbs(d) {
			return "", fmt.Errorf("cachedir: EDGEPRUNE_CACHE=%q is not an absolute path", d)
		}
		return filepath.Clean(d), nil
	}
	d, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("cachedir: no cache directory (set EDGEPRUNE_CACHE): %w", err)
	}
	return filepath.Join(d, "edgeprune"), nil
}
