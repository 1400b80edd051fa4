// Package bundle is what the cases of a study are made of, as bytes that another machine makes
// the same cases from: the study, its plan, the profiles, the structure of the models, and the
// files that the platform names. It may not move them.
package bundle

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/yamlfile"
	"github.com/edgeprune/edgeprune/experiments/internal/profiles"
	"github.com/edgeprune/edgeprune/experiments/internal/study"
	"github.com/edgeprune/edgeprune/experiments/internal/study/design"
	"github.com/edgeprune/edgeprune/experiments/internal/study/runner"
)

// ErrBundle: bytes are no bundle.
var ErrBundle = errors.New("bundle")

const (
	maxBytes = 1 << 30 // of a bundle that is unpacked
	depth    = 16      // of the folder that files are relative to, which a name may leave upwards
)

// Bundle is a study with all that its cases are made of.
type Bundle struct {
	File     string                      `json:"file"` // name of the study's file, for errors
	Study    []byte                      `json:"study"`
	Name     string                      `json:"name"` // of the plan, for errors
	Plan     []byte                      `json:"plan"`
	Arrivals []byte                      `json:"arrivals,omitempty"` // recorded, that the plan names
	Profiles map[string]*profile.Profile `json:"profiles"`
	Models   []profiles.Model            `json:"models"`
	Files    map[string][]byte           `json:"files"` // by name, as the platform names them
}

// Of returns the bundle of a study, whose text is source.
func Of(file string, source []byte, base *runner.Base, d *design.Design) (*Bundle, error) {
	b := &Bundle{
		File: file, Study: source, Name: base.Name, Plan: base.YAML, Arrivals: base.Arrivals, Profiles: base.Profiles,
		Files: map[string][]byte{},
	}
	for _, name := range slices.Sorted(maps.Keys(base.Models)) {
		m, err := profiles.ModelOf(name, base.Models[name].Model)
		if err != nil {
			return nil, err
		}
		b.Models = append(b.Models, m)
	}
	f, err := base.Plan()
	if err != nil {
		return nil, err
	}
	names, err := runner.Texts(&f.Platform)
	if err != nil {
		return nil, err
	}
	for _, x := range d.Factors {
		for _, l := range x.Levels {
			names = append(names, l.Text)
		}
	}
	for _, name := range names {
		if err := b.add(base.File, name); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// add adds the file that a text names, if it names one.
func (b *Bundle) add(plan, name string) error {
	if name == "" {
		return nil
	}
	path := name
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(plan), path)
	}
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return nil // no name of a file, or one that reading it says something about
	}
	if filepath.IsAbs(name) {
		return fmt.Errorf("%w: the platform names the file %s; name it relative to the plan, as other machines have it "+
			"in another place", yamlfile.ErrInput, name)
	}
	if info.Size() > profiles.MaxBytes {
		return fmt.Errorf("%w: the file %s has more than %d MiB", yamlfile.ErrInput, path, profiles.MaxBytes>>20)
	}
	b.Files[name], err = os.ReadFile(path)
	return err
}

// Encode returns the bundle as bytes: the same for equal ones.
func (b *Bundle) Encode() ([]byte, error) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if err := errors.Join(json.NewEncoder(w).Encode(b), w.Close()); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}

// Decode reads what Encode has written. Errors wrap ErrBundle.
func Decode(data []byte) (*Bundle, error) {
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBundle, err)
	}
	b := &Bundle{}
	limited := &io.LimitedReader{R: r, N: maxBytes}
	if err := json.NewDecoder(limited).Decode(b); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBundle, err)
	}
	return b, nil
}

// Open returns what the runner of the study's cases is made of, with the files in an empty folder
// dir; the caller adds the simulator.
func (b *Bundle) Open(dir string) (*study.Spec, *runner.Base, error) {
	s, err := study.Parse(b.File, b.Study)
	if err != nil {
		return nil, nil, err
	}
	base := &runner.Base{
		Name: b.Name, YAML: b.Plan, Arrivals: b.Arrivals, Within: dir, Profiles: b.Profiles, Assumed: s.Assumed,
		Cost: s.Base.Cost, Models: compile.Models{}, File: filepath.Join(dir, strings.Repeat("d/", depth), "plan.yaml"),
	}
	for i := range b.Models {
		m, err := b.Models[i].Open()
		if err != nil {
			return nil, nil, err
		}
		if base.Models[b.Models[i].Name], err = compile.NewModel(m); err != nil {
			return nil, nil, err
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, nil, err
	}
	defer root.Close()
	for _, name := range slices.Sorted(maps.Keys(b.Files)) {
		path := filepath.Join(strings.Repeat("d/", depth), name)
		if filepath.IsAbs(name) || !filepath.IsLocal(path) {
			return nil, nil, fmt.Errorf("%w: it has a file %q, which lies outside", ErrBundle, name)
		}
		if err := root.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, nil, err
		}
		if err := root.WriteFile(path, b.Files[name], 0o600); err != nil {
			return nil, nil, err
		}
	}
	return s, base, nil
}
