package output_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/edgeprune/edgeprune/experiments/internal/output"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// place is a folder with a file, a folder, and links to them, to nothing and to the input.
func place(t *testing.T) string {
	dir := filepath.Join(t.TempDir(), "with blank, größer")
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "folder"), 0o755))
	for _, name := range []string{"file", "input"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("old "+name), 0o640))
	}
	require.NoError(t, os.Link(filepath.Join(dir, "input"), filepath.Join(dir, "hard")))
	for link, to := range map[string]string{
		"to file": "file", "to folder": "folder", "to input": "input", "to nothing": "nothing",
	} {
		require.NoError(t, os.Symlink(to, filepath.Join(dir, link)))
	}
	return dir
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(b)
}

// Nothing that exists is changed, unless that is asked for, and what is read never is.
func TestWriteKeepsWhatExists(t *testing.T) {
	for _, tt := range []struct {
		name            string
		plain, replaced error
	}{
		{"new", nil, nil},
		{"new folder/below/new", nil, nil},
		{"file", output.ErrExists, nil},
		{"to file", output.ErrExists, nil},
		{"folder", output.ErrNoFile, output.ErrNoFile},
		{"to folder", output.ErrNoFile, output.ErrNoFile},
		{"input", output.ErrInput, output.ErrInput},
		{"hard", output.ErrInput, output.ErrInput},
		{"to input", output.ErrInput, output.ErrInput},
		{"to nothing", output.ErrExists, output.ErrExists},
		{"file/below", output.ErrPlace, output.ErrPlace},
		{"new\x00", output.ErrPlace, output.ErrPlace},
	} {
		for replace, want := range map[bool]error{false: tt.plain, true: tt.replaced} {
			dir := place(t)
			to := output.Target{Path: filepath.Join(dir, tt.name), Replace: replace, Inputs: []string{
				filepath.Join(dir, "input"), filepath.Join(dir, "no such"),
			}}
			checked, err := to.Check(), to.Write([]byte("new"))
			if want == nil {
				assert.NoError(t, checked, "%s, replace %v", tt.name, replace)
				require.NoError(t, err, "%s, replace %v", tt.name, replace)
				assert.Equal(t, "new", read(t, to.Path), tt.name)
			} else {
				assert.ErrorIs(t, checked, want, "%s, replace %v", tt.name, replace)
				assert.ErrorIs(t, err, want, "%s, replace %v", tt.name, replace)
				assert.True(t, output.User(err), tt.name)
				assert.Equal(t, "old file", read(t, filepath.Join(dir, "file")), tt.name)
			}
			assert.Equal(t, "old input", read(t, filepath.Join(dir, "input")), tt.name)
			left, err := filepath.Glob(filepath.Join(dir, ".*"))
			require.NoError(t, err)
			assert.Empty(t, left, "%s: left behind", tt.name)
		}
	}
}

// A link that is replaced stays a link, and a file keeps its permissions.
func TestReplaceFollowsLinks(t *testing.T) {
	dir := place(t)
	to := output.Target{Path: filepath.Join(dir, "to file"), Replace: true}
	require.NoError(t, to.Write([]byte("new")))
	target, err := os.Readlink(to.Path)
	require.NoError(t, err)
	assert.Equal(t, "file", target)
	assert.Equal(t, "new", read(t, filepath.Join(dir, "file")))
	info, err := os.Stat(filepath.Join(dir, "file"))
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o640), info.Mode().Perm())
}

// A device is written to, and stays one.
func TestWriteToDevices(t *testing.T) {
	require.NoError(t, output.Target{Path: os.DevNull}.Write([]byte("new")))
	err := output.Target{Path: "/dev/full"}.Write([]byte("new"))
	require.Error(t, err)
	assert.False(t, output.User(err), "the device has no room: %v", err)
	for _, path := range []string{os.DevNull, "/dev/full"} {
		info, err := os.Stat(path)
		require.NoError(t, err)
		assert.NotZero(t, info.Mode()&os.ModeCharDevice, "%s is a device no more", path)
	}
}

// A folder is filled if it is new or empty; an existing one is never removed.
func TestFolder(t *testing.T) {
	fill := func(temp string) error { return os.WriteFile(filepath.Join(temp, "part"), []byte("new"), 0o644) }
	for name, want := range map[string]error{
		"new": nil, "new/below": nil, "folder": nil, "to folder": nil, "folder/": nil, "file": output.ErrExists,
		"to file": output.ErrExists, "to nothing": output.ErrExists, ".": output.ErrFull, "file/below": output.ErrPlace,
	} {
		dir := place(t)
		before, err := os.Stat(filepath.Join(dir, "folder"))
		require.NoError(t, err)
		to := dir + "/" + name
		checked := output.CheckFolder(to)
		err = output.Folder(to, fill)
		if want != nil {
			assert.ErrorIs(t, err, want, name)
			assert.True(t, output.User(err), name)
			if name != "file/below" {
				assert.ErrorIs(t, checked, want, name)
			}
		} else {
			assert.NoError(t, checked, name)
			require.NoError(t, err, name)
			assert.Equal(t, "new", read(t, filepath.Join(to, "part")), name)
			list, err := os.ReadDir(to)
			require.NoError(t, err)
			assert.Len(t, list, 1, "%s: left behind", name)
			info, err := os.Stat(to)
			require.NoError(t, err)
			assert.Equal(t, os.FileMode(0o755), info.Mode().Perm(), name)
		}
		after, err := os.Stat(filepath.Join(dir, "folder"))
		require.NoError(t, err)
		assert.True(t, os.SameFile(before, after), "%s: the folder is another one", name)
		_, err = os.Readlink(filepath.Join(dir, "to folder"))
		assert.NoError(t, err, "%s: the link is gone", name)
		assert.Equal(t, "old file", read(t, filepath.Join(dir, "file")), name)
	}
}

// The folder of the process may be filled, too, and what fails leaves nothing.
func TestFolderThatFails(t *testing.T) {
	t.Chdir(t.TempDir())
	broken := errors.New("broken")
	for _, dir := range []string{".", "new"} {
		err := output.Folder(dir, func(temp string) error {
			require.NoError(t, os.WriteFile(filepath.Join(temp, "part"), nil, 0o644))
			return broken
		})
		assert.ErrorIs(t, err, broken, dir)
		list, err := os.ReadDir(".")
		require.NoError(t, err)
		assert.Empty(t, list, dir)
	}
	require.NoError(t, output.Folder(".", func(temp string) error {
		return os.WriteFile(filepath.Join(temp, "part"), nil, 0o644)
	}))
	assert.FileExists(t, "part")
}

// childVariable makes the test binary a process that fills a folder for ever.
const childVariable = "OUTPUT_TEST_FOLDER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childVariable); dir != "" {
		err := output.Folder(dir, func(string) error {
			fmt.Println("filling")
			select {}
		})
		panic(err)
	}
	os.Exit(m.Run())
}

// filling starts a process that fills a folder for ever.
func filling(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"="+dir)
	said, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	_, err = said.Read(make([]byte, 8))
	require.NoError(t, err)
	return cmd
}

// What a killed process has begun within a folder that was there does not count as its
// content, by whatever name the folder is called; what another one is at does.
func TestExistingFolderOfTheDead(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "parts")
	link := dir + "-link"
	require.NoError(t, os.Mkdir(dir, 0o755))
	require.NoError(t, os.Symlink("parts", link))
	cmd := filling(t, dir)
	assert.ErrorIs(t, output.CheckFolder(dir), output.ErrFull, "a living process is at it")
	require.NoError(t, cmd.Process.Kill())
	require.Error(t, cmd.Wait())
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 1, "the process has left nothing")
	assert.NoError(t, output.CheckFolder(dir))
	after, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Equal(t, left[0].Name(), after[0].Name(), "a check removes nothing")
	require.NoError(t, output.Folder(link, func(temp string) error {
		return os.WriteFile(filepath.Join(temp, "part"), nil, 0o644)
	}))
	list, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, list, 1)
	assert.Equal(t, "part", list[0].Name())
	assert.ErrorIs(t, output.CheckFolder(dir), output.ErrFull)

	require.NoError(t, os.Remove(filepath.Join(dir, "part")))
	require.NoError(t, os.Mkdir(filepath.Join(dir, ".partial-mine"), 0o755))
	assert.ErrorIs(t, output.CheckFolder(dir), output.ErrFull, "one without a lock is somebody's")
}

// What a killed process has begun is removed when the folder is written again, and what
// another one is at is not.
func TestFolderOfTheDead(t *testing.T) {
	above := t.TempDir()
	dir := filepath.Join(above, "parts")
	left := func() (n int) {
		list, err := filepath.Glob(filepath.Join(above, ".parts.partial-*"))
		require.NoError(t, err)
		return len(list)
	}
	dead, lives := filling(t, dir), filling(t, dir)
	defer func() { _ = lives.Process.Kill(); _ = lives.Wait() }()
	require.Equal(t, 2, left())
	require.NoError(t, dead.Process.Kill())
	require.Error(t, dead.Wait())
	require.NoError(t, os.Mkdir(filepath.Join(above, ".parts.partial-mine"), 0o755))
	require.NoError(t, output.Folder(dir, func(temp string) error {
		return os.WriteFile(filepath.Join(temp, "part"), nil, 0o644)
	}))
	assert.Equal(t, 2, left(), "that of the living, and the one without a lock")
	list, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, list, 1, "the lock is no output")
}
