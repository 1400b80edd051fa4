package bundle

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/yamlfile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const studyText = `study: small
base: {plan: plan.yaml}
vary:
  - {key: workload.frames, values: [10, 20]}
ask:
  - {largest: workload.frames, where: latency_p99 <= 1s}
`

func TestThereAndBack(t *testing.T) {
	b := &Bundle{File: "study.yaml", Study: []byte(studyText), Name: "plan.yaml", Plan: []byte("plan: p\n"),
		Files: map[string][]byte{"links/a.csv": []byte("1,2\n"), "../shared.csv": []byte("3,4\n")}}
	data, err := b.Encode()
	require.NoError(t, err)
	again, err := b.Encode()
	require.NoError(t, err)
	assert.Equal(t, data, again)

	got, err := Decode(data)
	require.NoError(t, err)
	assert.Equal(t, b, got)
	dir := t.TempDir()
	s, base, err := got.Open(dir)
	require.NoError(t, err)
	assert.Equal(t, "small", s.Study)
	for name, want := range b.Files { // as the plan finds them, and within the folder
		path := filepath.Join(filepath.Dir(base.File), name)
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, want, text)
		rel, err := filepath.Rel(dir, path)
		require.NoError(t, err)
		assert.True(t, filepath.IsLocal(rel), rel)
	}
}

// What a bundle says of files is not believed: it comes from another machine.
func TestFilesOutside(t *testing.T) {
	up := strings.Repeat("../", depth+1)
	for _, name := range []string{"/etc/passwd", up + "x", "a/../" + up + "x"} {
		b := &Bundle{File: "study.yaml", Study: []byte(studyText), Files: map[string][]byte{name: []byte("x")}}
		dir := filepath.Join(t.TempDir(), "within")
		require.NoError(t, os.Mkdir(dir, 0o700))
		_, _, err := b.Open(dir)
		assert.ErrorIs(t, err, ErrBundle, name)
		assert.EqualError(t, err, `bundle: it has a file "`+name+`", which lies outside`)
		entries, err := os.ReadDir(filepath.Dir(dir))
		require.NoError(t, err)
		assert.Len(t, entries, 1, name)
	}
}

func TestNoBundle(t *testing.T) {
	packed := func(text string) []byte {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, err := w.Write([]byte(text))
		require.NoError(t, err)
		require.NoError(t, w.Close())
		return b.Bytes()
	}
	whole := packed(`{"file": "study.yaml"}`)
	for name, data := range map[string][]byte{
		"nothing": nil, "text": []byte("study: x"), "half": whole[:len(whole)/2], "no JSON": packed("study: x"),
		"another type": packed(`{"files": [1]}`),
	} {
		_, err := Decode(data)
		assert.ErrorIs(t, err, ErrBundle, name)
	}
}

func TestAdd(t *testing.T) {
	dir := t.TempDir()
	plan := filepath.Join(dir, "plan.yaml")
	trace := filepath.Join(dir, "trace.csv")
	require.NoError(t, os.WriteFile(trace, []byte("1,2\n"), 0o600))
	b := &Bundle{Files: map[string][]byte{}}
	for _, name := range []string{"", "absent.csv", "."} {
		require.NoError(t, b.add(plan, name))
	}
	assert.Empty(t, b.Files)
	require.NoError(t, b.add(plan, "trace.csv"))
	assert.Equal(t, map[string][]byte{"trace.csv": []byte("1,2\n")}, b.Files)
	err := b.add(plan, trace)
	assert.ErrorIs(t, err, yamlfile.ErrInput)
	assert.ErrorContains(t, err, "name it relative to the plan")
}
