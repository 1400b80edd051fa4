package lab

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
)

func TestStoredProfiles(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	stored := func(change func(*Stored)) *Stored {
		s := &Stored{Created: now, Runtime: "1.2.3", Effort: sweep.Quick, Profile: profile.Profile{
			Machine: "m", Entries: map[string]profile.Entry{"k": {Samples: []time.Duration{time.Second}, OutBytes: []int64{4}}},
		}}
		change(s)
		return s
	}
	path := filepath.Join(t.TempDir(), "profiles", "p.json")
	if s, why, err := LoadProfile(path, "m", "1.2.3", now); s != nil || why != "there is none yet" || err != nil {
		t.Errorf("missing: %v, %q, %v", s, why, err)
	}
	for _, tt := range []struct {
		name, why string
		change    func(*Stored)
	}{
		{"fresh", "", func(*Stored) {}},
		{"just fresh", "", func(s *Stored) { s.Created = now.Add(-StaleAfter) }},
		{"old", "it is 31m0s old", func(s *Stored) { s.Created = now.Add(-31 * time.Minute) }},
		{"of another machine", "it is of another machine, x", func(s *Stored) { s.Profile.Machine = "x" }},
		{"of another runtime", "it is of ONNX Runtime 1.0", func(s *Stored) { s.Runtime = "1.0" }},
	} {
		if err := SaveProfile(path, stored(tt.change)); err != nil {
			t.Fatal(err)
		}
		s, why, err := LoadProfile(path, "m", "1.2.3", now)
		if err != nil || why != tt.why || (s == nil) != (tt.why != "") {
			t.Errorf("%s: %v, %q, %v; want %q", tt.name, s, why, err, tt.why)
		}
		if s != nil && (s.Effort != sweep.Quick || s.Profile.Entries["k"].Median() != time.Second || s.Profile.Entries["k"].OutBytes[0] != 4) {
			t.Errorf("%s: read back %+v", tt.name, s)
		}
	}
	if err := os.WriteFile(path, []byte(`{"created":`), 0o644); err != nil {
		t.Fatal(err)
	}
	if s, why, err := LoadProfile(path, "m", "1.2.3", now); s != nil || !strings.HasPrefix(why, "it can't be read: ") || err != nil {
		t.Errorf("half a file: %v, %q, %v", s, why, err)
	}
	if _, _, err := LoadProfile(filepath.Dir(path), "m", "1.2.3", now); err == nil {
		t.Error("a folder was read as a profile")
	}
}
