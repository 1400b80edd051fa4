package models_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/models"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Of what a device keeps, damaged parts are fetched again.
func TestDamagedCache(t *testing.T) {
	s, _ := store(t, serve(t, server.Options{}), models.Options{})
	data, dir := random(4*part, 1), filepath.Join(t.TempDir(), "state", "models")
	upload(t, s, nil, data)
	fetch(t, s, data, models.NewCache(dir, 0))
	names := models.Describe(data).Parts
	require.NoError(t, os.WriteFile(filepath.Join(dir, names[0]), data[:part-1], 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, names[1]), make([]byte, part), 0o600))
	require.NoError(t, os.Remove(filepath.Join(dir, names[2])))
	assert.EqualValues(t, 3*part, fetch(t, s, data, models.NewCache(dir, 0)))
	assert.Zero(t, fetch(t, s, data, models.NewCache(dir, 0)))
}

// A cache keeps what was used last.
func TestCacheKeepsWhatWasUsedLast(t *testing.T) {
	s, _ := store(t, serve(t, server.Options{}), models.Options{})
	all := [][]byte{random(part, 1), random(part, 2), random(part, 3)}
	upload(t, s, nil, all...)
	dir := t.TempDir()
	cache := models.NewCache(dir, 2*part+100)
	fetch(t, s, all[0], cache)
	fetch(t, s, all[1], cache)
	path := func(i int) string { return filepath.Join(dir, models.Describe(all[i]).Parts[0]) }
	for i := range 2 { // long ago, so that the resolution of the file system's clock doesn't matter
		when := time.Now().Add(time.Duration(i-10) * time.Hour)
		require.NoError(t, os.Chtimes(path(i), when, when))
	}
	left := filepath.Join(dir, "x.1.tmp")
	require.NoError(t, os.WriteFile(left, nil, 0o600))
	require.NoError(t, os.Chtimes(left, time.Time{}, time.Now().Add(-2*time.Hour)))
	assert.Zero(t, fetch(t, s, all[0], cache), "this is what is used")
	fetch(t, s, all[2], cache)
	assert.FileExists(t, path(0))
	assert.NoFileExists(t, path(1))
	assert.FileExists(t, path(2))
	assert.NoFileExists(t, left, "of a process that was killed")
}

// A folder that can't be written is no reason not to run.
func TestCacheThatCantBeWritten(t *testing.T) {
	s, _ := store(t, serve(t, server.Options{}), models.Options{})
	data := random(2*part, 1)
	upload(t, s, nil, data)
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	var notes []string
	m := models.Describe(data)
	_, err := s.Fetch(t.Context(), &m, models.NewCache(file, 0), nil, func(n string) { notes = append(notes, n) })
	require.NoError(t, err)
	require.Len(t, notes, 1)
	assert.Contains(t, notes[0], "sub-models can't be kept in "+file+", and are fetched again when they are loaded: ")
}

func TestCheck(t *testing.T) {
	good := models.Describe(random(part+1, 1))
	require.NoError(t, models.Check(&good))
	for text, spoil := range map[string]func(*wire.Model){
		"sub-model of -1 bytes in 2 parts: each has 262144 bytes, but the last": func(m *wire.Model) { m.Bytes = -1 },
		"sub-model of 1 bytes in 2 parts: each has 262144 bytes, but the last":  func(m *wire.Model) { m.Bytes = 1 },
		"sub-model of 9223372036854775807 bytes in 2 parts: each has 262144 bytes, but the last": func(m *wire.Model) {
			m.Bytes = 1<<63 - 1
		},
		`sub-model: "../../passwd" is no SHA-256 in hexadecimal`: func(m *wire.Model) { m.Parts[1] = "../../passwd" },
		`sub-model: "" is no SHA-256 in hexadecimal`:             func(m *wire.Model) { m.SHA256 = "" },
	} {
		m := models.Describe(random(part+1, 1))
		spoil(&m)
		err := models.Check(&m)
		require.ErrorIs(t, err, models.ErrModel)
		assert.EqualError(t, err, text)
	}
}
