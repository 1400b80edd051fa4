package cli

import (
	"path/filepath"
	"testing"
)

// What is no run is the user's to correct, for each command that looks at runs.
func TestNoRuns(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none")
	edgeprune(t, "compare", none, "--json").refused(t, exitInput, "not the folder of a run: there is no "+none)
	edgeprune(t, "compare").refused(t, exitInput, "expected the folders of runs, such as results/NAME/RUN")
	edgeprune(t, "serve", none, "--port", "0").refused(t, exitInput, "no such folder of results: open "+none)
	edgeprune(t, "serve", "--port", "example.org:80").refused(t, exitInput, "the address is always 127.0.0.1")
}
