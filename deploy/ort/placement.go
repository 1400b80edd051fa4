package ort

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/deploy/tempdir"
)

// Placed says how many of the nodes that the runtime made of a model ran on a provider.
type Placed struct {
	Provider string   `json:"provider"` // as a platform names it
	Nodes    int      `json:"nodes"`    // after fusion; what a provider compiles as one is one
	Ops      []string `json:"ops"`      // their operators, sorted, each once
}

// Placement runs a model once on in, with the runtime's profiler, in a session of its own,
// and returns where its nodes ran, by provider. It allocates the outputs; known is that of
// RunAlloc.
func Placement(model []byte, o Options, in []*Tensor, known map[string][]int64) (placed []Placed, err error) {
	dir, err := tempdir.Make("placement")
	if err != nil {
		return nil, fmt.Errorf("ort: placement: %w", err)
	}
	defer func() { err = errors.Join(err, dir.Remove()) }()
	o.profile = filepath.Join(dir.Path, "profile")
	s, err := NewSession(model, o)
	if err != nil {
		return nil, err
	}
	out, err := s.RunAlloc(in, known)
	for _, t := range out {
		err = errors.Join(err, t.Close())
	}
	if err = errors.Join(err, s.Close()); err != nil { // closing writes the profile
		return nil, fmt.Errorf("ort: placement: %w", err)
	}
	files, err := filepath.Glob(o.profile + "*.json")
	if err != nil || len(files) != 1 {
		return nil, fmt.Errorf("ort: placement: the runtime wrote %d profiles, expected one", len(files))
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		return nil, fmt.Errorf("ort: placement: %w", err)
	}
	return placedIn(data)
}

// placedIn reads a profile of one run, which is in Chrome's trace format: an event for
// every node.
func placedIn(profile []byte) ([]Placed, error) {
	var events []struct {
		Category string `json:"cat"`
		Name     string `json:"name"`
		Args     struct {
			Op       string `json:"op_name"`
			Provider string `json:"provider"`
		} `json:"args"`
	}
	if err := json.Unmarshal(profile, &events); err != nil {
		return nil, fmt.Errorf("ort: placement: the runtime's profile: %w", err)
	}
	by := map[string]*Placed{}
	for _, e := range events {
		if e.Category != "Node" || e.Args.Provider == "" || !strings.HasSuffix(e.Name, "_kernel_time") {
			continue
		}
		name := providerName(e.Args.Provider)
		if by[name] == nil {
			by[name] = &Placed{Provider: name}
		}
		p := by[name]
		p.Nodes++
		if at, found := slices.BinarySearch(p.Ops, e.Args.Op); !found {
			p.Ops = slices.Insert(p.Ops, at, e.Args.Op)
		}
	}
	var list []Placed
	for _, p := range by {
		list = append(list, *p)
	}
	slices.SortFunc(list, func(a, b Placed) int { return cmp.Compare(a.Provider, b.Provider) })
	return list, nil
}
