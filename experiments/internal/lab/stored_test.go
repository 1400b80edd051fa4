package lab

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/experiments/internal/revision"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
)

func origin() Origin {
	return Origin{
		Machine: "m", Runtime: "1.2.3", Program: revision.Info{Revision: "abc"}, Models: map[string]string{"net": "f00"},
	}
}

// A stored profile is used however old it is, if the same program made it of the same
// models on the same machine.
func TestStoredProfiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "profiles", "p.json")
	want := origin()
	load := func() (*Stored, string) {
		t.Helper()
		s, why, err := LoadProfile(path, &want)
		require.NoError(t, err)
		return s, why
	}
	_, why := load()
	assert.Equal(t, "there is none yet", why)
	for _, tt := range []struct {
		why    string
		change func(*Stored)
	}{
		{"", func(s *Stored) { s.Created = s.Created.AddDate(-1, 0, 0) }},
		{"it is of another machine, x", func(s *Stored) { s.Machine = "x" }},
		{"it is of ONNX Runtime 1.0", func(s *Stored) { s.Runtime = "1.0" }},
		{"it was made by another program, abc, modified, executable d", func(s *Stored) {
			s.Program = revision.Info{Revision: "abc", Modified: true, Digest: "d"}
		}},
		{"it is of other models", func(s *Stored) { s.Models = map[string]string{"net": "bad"} }},
	} {
		kept := &Stored{
			Origin: origin(), Created: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Rounds: 3, Effort: sweep.Quick,
			Profile: profile.Profile{Machine: "m", Entries: map[string]profile.Entry{
				"k": {Samples: []time.Duration{time.Second}, References: []time.Duration{7}, OutBytes: []int64{4}},
			}},
		}
		tt.change(kept)
		require.NoError(t, SaveProfile(path, kept))
		s, why := load()
		assert.Equal(t, tt.why, why)
		if tt.why == "" {
			assert.Equal(t, kept, s)
		} else {
			assert.Nil(t, s)
		}
	}
	require.NoError(t, os.WriteFile(path, []byte(`{"created":`), 0o644))
	s, why := load()
	assert.Nil(t, s)
	assert.Contains(t, why, "it can't be read: ")
	_, _, err := LoadProfile(filepath.Dir(path), &want)
	assert.Error(t, err, "a folder was read as a profile")
}
