package hoststest

import (
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// Folder makes path a folder of the host's own, of that many bytes, which no other host and
// no other program of the machine sees. It must be made before what uses it is started.
func (h *Hosts) Folder(t testing.TB, name, path string, bytes int64) {
	t.Helper()
	require.NoError(t, os.MkdirAll(path, 0o755))
	cmd := h.Command(name, "mount", "-t", "tmpfs", "-o", "size="+strconv.FormatInt(bytes, 10), "edgeprune-test", path)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
}

// Resize gives such a folder another size, which may not be less than it holds.
func (h *Hosts) Resize(t testing.TB, name, path string, bytes int64) {
	t.Helper()
	out, err := h.Command(name, "mount", "-o", "remount,size="+strconv.FormatInt(bytes, 10), path).CombinedOutput()
	require.NoError(t, err, "%s", out)
}
