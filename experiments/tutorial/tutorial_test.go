//go:build tutorial

package tutorial

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// limit is how long one step may take: far longer than it should, for loaded machines.
const limit = 15 * time.Minute

// Every chapter does what it says, typed as it stands in a fresh folder. The transcript is printed.
func TestTutorial(t *testing.T) {
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	env := environment(t)
	for _, path := range chapters(t) {
		t.Run(strings.TrimSuffix(path, ".md"), func(t *testing.T) {
			began := time.Now()
			sh := start(t, repository(t, root), env)
			for _, s := range steps(read(t, path)) {
				fmt.Printf("\n%s:%d, after %.1f s\n", path, s.line, time.Since(began).Seconds())
				for line := range strings.Lines(s.script) {
					fmt.Print("$ ", line)
				}
				output, code, err := sh.run(s.script, limit)
				fmt.Print(output)
				require.NoError(t, err)
				require.Zero(t, code, "exit code of the step at %s:%d", path, s.line)
				for _, shown := range s.shown {
					require.NoError(t, expect(output, shown), "the step at %s:%d", path, s.line)
				}
			}
			fmt.Printf("\n%s: %.0f s\n", path, time.Since(began).Seconds())
		})
	}
}

// repository is a fresh folder in which a chapter finds what it does in the repository's root: bin
// and experiments, and nothing that was run before.
func repository(t *testing.T, root string) string {
	folder := t.TempDir()
	for _, name := range []string{"bin", "experiments"} {
		require.NoError(t, os.Symlink(filepath.Join(root, name), filepath.Join(folder, name)))
	}
	return folder
}

// dataSets are those that the chapters use; `just tutorial` fetches them.
var dataSets = []string{"onnxruntime", "ssd-mobilenet-v1-300", "face-clip", "vehicle-classifier", "vehicle-renderings"}

// environment is that of a reader's shell: with data sets that are fetched already, but without
// profiles of before, and with a port that is free.
func environment(t *testing.T) []string {
	have := os.Getenv("EDGEPRUNE_CACHE")
	if have == "" {
		cache, err := os.UserCacheDir()
		require.NoError(t, err)
		have = filepath.Join(cache, "edgeprune")
	}
	cache := t.TempDir()
	for _, name := range dataSets { // agents read no files behind symbolic links that lead elsewhere
		require.NoError(t, os.CopyFS(filepath.Join(cache, name), os.DirFS(filepath.Join(have, name))), "run: just tutorial")
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	port := free.Addr().(*net.TCPAddr).Port
	require.NoError(t, free.Close())
	env := []string{"EDGEPRUNE_CACHE=" + cache, "PORT=" + strconv.Itoa(port), "NO_COLOR=1", "TERM=dumb"}
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		if name != "TERM" && !strings.HasPrefix(name, "EDGEPRUNE_") {
			env = append(env, v)
		}
	}
	return env
}
