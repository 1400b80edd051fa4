package revision_test

import (
	"errors"
	"io"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/experiments/internal/revision"
)

const commit = "0e76badc0ffee0e76badc0ffee0e76badc0ffee0"

func build(version string, settings ...string) *debug.BuildInfo {
	b := &debug.BuildInfo{Main: debug.Module{Version: version}}
	for i := 0; i < len(settings); i += 2 {
		b.Settings = append(b.Settings, debug.BuildSetting{Key: settings[i], Value: settings[i+1]})
	}
	return b
}

func executable(content string) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil }
}

func unread() (io.ReadCloser, error) { return nil, errors.New("must not be read") }

func TestOfCleanTree(t *testing.T) {
	i, err := revision.Of(build("(devel)", "vcs.revision", commit, "vcs.modified", "false"), unread)
	require.NoError(t, err)
	assert.Equal(t, revision.Info{Revision: commit}, i)
	assert.Equal(t, "0e76badc0ffe", i.String())
}

func TestOfModuleVersion(t *testing.T) {
	i, err := revision.Of(build("v1.2.3"), unread)
	require.NoError(t, err)
	assert.Equal(t, "v1.2.3", i.String())
}

// Two builds of a modified tree are two programs.
func TestOfModifiedTree(t *testing.T) {
	dirty := build("(devel)", "vcs.revision", commit, "vcs.modified", "true")
	one, err := revision.Of(dirty, executable("one"))
	require.NoError(t, err)
	other, err := revision.Of(dirty, executable("other"))
	require.NoError(t, err)
	assert.NotEqual(t, one, other)
	assert.Regexp(t, `^0e76badc0ffe, modified, executable [0-9a-f]{12}$`, one.String())
}

func TestOfNoRevision(t *testing.T) {
	for _, b := range []*debug.BuildInfo{nil, build("(devel)"), build("")} {
		i, err := revision.Of(b, executable("program"))
		require.NoError(t, err)
		assert.Len(t, i.Digest, 64)
		assert.Regexp(t, `^no revision, executable [0-9a-f]{12}$`, i.String())
	}
	_, err := revision.Of(nil, unread)
	require.ErrorContains(t, err, "open the executable")
}
