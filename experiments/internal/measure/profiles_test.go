package measure

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
)

func TestStoredProfiles(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	stored := func(change func(*Stored)) *Stored {
		s := &Stored{Created: now, Runtime: "1.2.3", Effort: Quick, Profile: profile.Profile{
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
		if s != nil && (s.Effort != Quick || s.Profile.Entries["k"].Median() != time.Second || s.Profile.Entries["k"].OutBytes[0] != 4) {
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

// The profile plans hold every cost of every case, whole models first.
func TestProfilePlansCoverAllCases(t *testing.T) {
	spec, models := toySpec(t), toyModel(t)
	plans, err := spec.ProfilePlans(models)
	if err != nil {
		t.Fatal(err)
	}
	prof := toyProfile(plans)
	sp, err := newSpace(spec, models)
	if err != nil {
		t.Fatal(err)
	}
	var all []*plan.Plan
	for _, e := range spec.Endpoints {
		for _, l := range spec.Links {
			for _, c := range sp.cases(e.Name, l.Name) {
				for _, w := range []plan.Workload{sp.single(3), sp.offline()} {
					p, err := plan.Compile(sp.file(c, w), models)
					if err != nil {
						t.Fatal(err)
					}
					all = append(all, p)
				}
			}
		}
	}
	if err := Covers(prof, all); err != nil {
		t.Error(err)
	}
	codecs := false
	for _, p := range plans {
		here := false
		for _, a := range p.Graph.Actors {
			here = here || a.Kernel == "encode"
		}
		if codecs && !here {
			t.Errorf("%s comes after plans with codecs", p.Name)
		}
		codecs = here
	}
	if s := plans[0].Platform.Devices[0].Units[0].Slowdown; s != nominalSlowdown {
		t.Errorf("profiled with pauses for a slowdown of %g", s)
	}
	for key := range prof.Entries {
		delete(prof.Entries, key)
		break
	}
	if err := Covers(prof, all); !errors.Is(err, profile.ErrMissing) {
		t.Errorf("one cost less: %v", err)
	}
}

func TestWholeModel(t *testing.T) {
	spec, models := toySpec(t), toyModel(t)
	plans, err := spec.ProfilePlans(models)
	if err != nil {
		t.Fatal(err)
	}
	prof := toyProfile(plans)
	if d, err := spec.WholeModel(prof, models, spec.Endpoints[0].Unit); err != nil || d != 3*time.Millisecond {
		t.Errorf("got %v, %v; want the three segments in one session", d, err)
	}
	if _, err := spec.WholeModel(prof, models, plan.Unit{Name: "gpu"}); !errors.Is(err, profile.ErrMissing) {
		t.Errorf("a unit that no endpoint has: %v", err)
	}
	if _, err := spec.WholeModel(&profile.Profile{}, models, spec.Endpoints[0].Unit); !errors.Is(err, profile.ErrMissing) {
		t.Errorf("an empty profile: %v", err)
	}
}

func TestLoadModelErrors(t *testing.T) {
	dir := t.TempDir()
	if _, err := LoadModel(filepath.Join(dir, "absent.onnx")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent: %v", err)
	}
	bad := filepath.Join(dir, "bad.onnx")
	if err := os.WriteFile(bad, []byte("not a model"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadModel(bad); !errors.Is(err, onnx.ErrNotONNX) || !strings.Contains(err.Error(), bad) {
		t.Errorf("not a model: %v", err)
	}
}
