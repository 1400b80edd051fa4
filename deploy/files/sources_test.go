package files_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/deploy/files"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSources(t *testing.T) {
	none, err := files.Below()
	require.NoError(t, err)
	a, err := none.WithSources("/dev/video*", "rtsp://cam.local/live", "http://10.0.0.1:8080", "tcp://[::1]:9000")
	require.NoError(t, err)
	for _, source := range []string{
		"/dev/video0", "/dev/video12", "rtsp://cam.local/live", "rtsp://cam.local/live/1", "rtsp://me:secret@CAM.local/live",
		"http://10.0.0.1:8080", "http://10.0.0.1:8080/", "http://10.0.0.1:8080/a/b.mjpg?key=1", "tcp://[::1]:9000",
	} {
		assert.NoError(t, a.Source(source), source)
		assert.ErrorIs(t, none.Source(source), files.ErrSource, source)
		assert.NoError(t, (*files.Allowed)(nil).Source(source), "a user's own process")
	}
	for _, source := range []string{
		"/dev/vide", "/dev/video/0", "/dev/../etc/passwd", "/dev/sda", "rtsp://cam.local", "rtsp://cam.local/live2",
		"rtsp://cam.local.evil.net/live", "rtsp://cam.local@evil.net/live", "http://cam.local/live",
		"rtsp://cam.local:8554/live",
		"rtsp://cam.local/live/../admin", "rtsp://cam.local/live/%2e%2e/admin", "http://10.0.0.1/", "http://10.0.0.1:80800/",
		"file:///etc/passwd", "concat:/etc/passwd", "", "http://10.0.0.1:8080/../x", "tcp://[::1]",
		"tcp://[::1]:9000?listen", "tcp://[::1]:9000/#?listen",
	} {
		assert.ErrorIs(t, a.Source(source), files.ErrSource, source)
	}
	assert.EqualError(t, a.Source("rtsp://me:secret@evil.net/live?key=1#x"), "rtsp://evil.net/live?...: no such source "+
		"may be opened here; the agent's user gives cameras and addresses with --source")
	for prefix, shown := range map[string]string{
		"video0": "video0", "ftp://u:p@host/": "ftp://host/", "http://": "http://", "/dev/video[": "/dev/video[",
		"http://host/?key=1": "http://host/?...",
	} {
		_, err := none.WithSources(prefix)
		assert.EqualError(t, err, files.ErrPrefix.Error()+": "+shown)
	}
	all, err := (*files.Allowed)(nil).WithSources("/dev/video0")
	require.NoError(t, err)
	assert.Nil(t, all)
}

// Names, passwords and keys are not shown, however odd the address is.
func TestShown(t *testing.T) {
	for address, want := range map[string]string{
		"rtsp://me:secret@cam.local/live":       "rtsp://cam.local/live",
		"rtsp://me:sec@ret@cam.local/live":      "rtsp://cam.local/live",
		"http://cam.local/a?token=secret#x":     "http://cam.local/a?...",
		"http://me:sec%zz@cam.local":            "http://cam.local",
		"http://cam.local?token=secret/a":       "http://cam.local?...",
		"tcp://me:secret@127.0.0.1:9":           "tcp://127.0.0.1:9",
		"/dev/video0":                           "/dev/video0",
		"films/a@b.mp4":                         "films/a@b.mp4",
		"http://me:sec/ret@cam.local/live":      "http://cam.local/live",
		"rtsp://me:sec?ret@cam.local/live":      "rtsp://cam.local/live",
		"rtsp://me:sec#ret@cam.local/live":      "rtsp://cam.local/live",
		"http://cam.local/mail?to=a@b.net":      "http://b.net",
		"http://me:secret@cam.local/a@b/c?d=@e": "http://e",
	} {
		assert.Equal(t, want, files.Shown(address))
	}
}
