package record_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/experiments/internal/record"
)

// holderVariable makes the test binary a process that locks a folder and waits.
const holderVariable = "RECORD_TEST_LOCK"

func TestMain(m *testing.M) {
	if dir := os.Getenv(holderVariable); dir != "" {
		if _, err := record.Lock(dir, record.Holder{PID: os.Getpid(), Command: []string{"other"}}); err != nil {
			panic(err)
		}
		fmt.Println("locked")
		select {}
	}
	os.Exit(m.Run())
}

var me = record.Holder{PID: 7, Host: "box", Since: started, Command: []string{"edgeprune", "run", "x"}}

// A folder has one holder, and others are told who.
func TestLock(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "with blank, größer", "new")
	release, err := record.Lock(dir, me)
	require.NoError(t, err)
	_, err = record.Lock(dir, record.Holder{PID: 8})
	require.ErrorIs(t, err, record.ErrBusy)
	assert.ErrorContains(t, err, dir+": process 7 on box since 2026-01-02 12:00:00 UTC: edgeprune run x; wait for it")
	other, err := record.Lock(dir+" 2", me)
	require.NoError(t, err, "another folder")
	require.NoError(t, other())
	require.NoError(t, release())
	release, err = record.Lock(dir, record.Holder{PID: 8})
	require.NoError(t, err, "it is free again")
	require.NoError(t, release())
}

// What the lock file holds doesn't matter where nobody holds it: its process is dead.
func TestLockOfTheDead(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), holderVariable+"="+dir)
	said, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	_, err = said.Read(make([]byte, 8))
	require.NoError(t, err)
	_, err = record.Lock(dir, me)
	require.ErrorIs(t, err, record.ErrBusy)
	assert.ErrorContains(t, err, "other; wait for it")
	require.NoError(t, cmd.Process.Kill())
	require.Error(t, cmd.Wait())
	release, err := record.Lock(dir, me)
	require.NoError(t, err)
	require.NoError(t, release())
	for _, text := range []string{"", "{", "null", "[1]"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, ".lock"), []byte(text), 0o644))
		release, err := record.Lock(dir, me)
		require.NoError(t, err, text)
		require.NoError(t, release())
	}
}

// A folder whose record can't be written is not left behind.
func TestNewLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	r := run(0, nil)
	r.Started = time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC) // no JSON
	_, err := record.New(dir, r)
	require.Error(t, err)
	list, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, list)
}

func TestLockErrors(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	_, err := record.Lock(filepath.Join(file, "below"), me)
	require.Error(t, err)
	assert.NotErrorIs(t, err, record.ErrBusy)
}

// Runs of the same moment have folders of their own.
func TestNewFolders(t *testing.T) {
	dir := t.TempDir()
	for _, want := range []string{"20260102-120000.000", "20260102-120000.000-2", "20260102-120000.000-3"} {
		out, err := record.New(dir, run(0, func(i *record.Inputs) { i.Plan, i.Experiment = "p1", "" }))
		require.NoError(t, err)
		assert.Equal(t, filepath.Join(dir, want), out)
		assert.FileExists(t, filepath.Join(out, "run.json"))
	}
	out, rec, resumed := open(t, dir, run(0, nil))
	assert.Equal(t, "20260102-120000.000-4", out, "a plan's run is not gone on with")
	assert.False(t, resumed)
	assert.Empty(t, rec.NotResumed)
}
