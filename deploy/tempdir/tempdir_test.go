package tempdir_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/edgeprune/edgeprune/deploy/tempdir"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// childVariable makes the test binary a process that makes a folder and waits.
const childVariable = "TEMPDIR_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		d, err := tempdir.Make("test")
		if err != nil {
			panic(err)
		}
		fmt.Println(d.Path)
		select {}
	}
	os.Exit(m.Run())
}

// child starts a process that has made a folder, and returns its path.
func child(t *testing.T) (*exec.Cmd, string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"=yes")
	said, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(said).ReadString('\n')
	require.NoError(t, err)
	return cmd, strings.TrimSpace(line)
}

func names(t *testing.T) (list []string) {
	t.Helper()
	entries, err := os.ReadDir(os.TempDir())
	require.NoError(t, err)
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

func TestMakeAndRemove(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	d, err := tempdir.Make("test")
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(filepath.Base(d.Path), "edgeprune-test-"), d.Path)
	require.NoError(t, os.WriteFile(filepath.Join(d.Path, "file"), nil, 0o600))
	other, err := tempdir.Make("test")
	require.NoError(t, err)
	assert.FileExists(t, filepath.Join(d.Path, "file"), "a folder in use was removed by its own process")
	require.NoError(t, other.Remove())
	require.NoError(t, d.Remove())
	require.NoError(t, d.Remove())
	assert.Empty(t, names(t))
	t.Setenv("TMPDIR", "/does/not/exist")
	_, err = tempdir.Make("test")
	assert.ErrorIs(t, err, os.ErrNotExist)
}

// What a killed process left is removed when the next folder is made, and nothing else.
func TestFoldersOfTheDead(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	dead, left := child(t)
	_, used := child(t)
	outside := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(outside, "mine"), nil, 0o600))
	require.NoError(t, os.Symlink(outside, filepath.Join(left, "link")))
	for _, path := range []string{left, used} {
		require.NoError(t, os.WriteFile(filepath.Join(path, "file"), nil, 0o600))
	}
	at := func(name string) string { return filepath.Join(os.TempDir(), name) }
	require.NoError(t, os.Mkdir(at("edgeprune-without-lock"), 0o700))
	require.NoError(t, os.Mkdir(at("another"), 0o700))
	// A link in place of a lock or of a folder is nobody's.
	require.NoError(t, os.Symlink(filepath.Join(outside, "mine"), at("edgeprune-link.lock")))
	require.NoError(t, os.Symlink(outside, at("edgeprune-folder")))
	mark, err := os.ReadFile(left + ".lock")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(at("edgeprune-folder.lock"), mark, 0o600))

	require.NoError(t, dead.Process.Kill())
	require.Error(t, dead.Wait())
	d, err := tempdir.Make("test")
	require.NoError(t, err)
	defer func() { require.NoError(t, d.Remove()) }()
	assert.NoDirExists(t, left)
	assert.NoFileExists(t, left+".lock")
	assert.FileExists(t, filepath.Join(used, "file"))
	assert.FileExists(t, used+".lock")
	assert.FileExists(t, filepath.Join(outside, "mine"))
	for _, name := range []string{"edgeprune-without-lock", "another", "edgeprune-folder", "edgeprune-link.lock"} {
		_, err := os.Lstat(at(name))
		assert.NoError(t, err, name)
	}
}

// A lock that another program has made, such as flock(1), says nothing about what is beside it.
func TestForeignLocks(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	dead, left := child(t)
	mark, err := os.ReadFile(left + ".lock")
	require.NoError(t, err)
	require.NoError(t, dead.Process.Kill())
	require.Error(t, dead.Wait())
	locks := map[string]string{
		"dev": "", "pid": "4711\n", "part": string(mark[:len(mark)/2]), "more": string(mark) + "more",
	}
	for name, content := range locks {
		folder := filepath.Join(os.TempDir(), tempdir.Prefix+name)
		require.NoError(t, os.Mkdir(folder, 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(folder, "mine"), nil, 0o600))
		require.NoError(t, os.WriteFile(folder+".lock", []byte(content), 0o600))
	}
	d, err := tempdir.Make("test")
	require.NoError(t, err)
	require.NoError(t, d.Remove())
	assert.NoDirExists(t, left)
	for name := range locks {
		folder := filepath.Join(os.TempDir(), tempdir.Prefix+name)
		assert.FileExists(t, filepath.Join(folder, "mine"), "beside a lock that holds %q", locks[name])
		assert.FileExists(t, folder+".lock")
	}
}

// The name of the temporary directory is no pattern.
func TestNameOfTheTemporaryDirectory(t *testing.T) {
	for _, name := range []string{"a[b]", "a[", "a*?"} {
		temp := filepath.Join(t.TempDir(), name)
		require.NoError(t, os.Mkdir(temp, 0o700))
		t.Setenv("TMPDIR", temp)
		dead, left := child(t)
		require.NoError(t, dead.Process.Kill())
		require.Error(t, dead.Wait())
		d, err := tempdir.Make("test")
		require.NoError(t, err)
		require.NoError(t, d.Remove())
		assert.NoDirExists(t, left, "in %s", name)
		assert.Empty(t, names(t), "in %s", name)
	}
}

// Folders that are made at the same time don't take each other for left behind.
func TestMakeAtTheSameTime(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				d, err := tempdir.Make("test")
				if !assert.NoError(t, err) {
					return
				}
				assert.DirExists(t, d.Path)
				assert.NoError(t, d.Remove())
			}
		})
	}
	wg.Wait()
	assert.Empty(t, names(t))
}
