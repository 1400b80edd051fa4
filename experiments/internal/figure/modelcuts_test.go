package figure

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestModelCuts(t *testing.T) {
	m := Model{Name: "net", Nodes: 4, MACs: 100, Cuts: []ModelCut{
		{Name: "x", Point: 0, Tensors: 1, Bytes: 4000, Depth: 0},
		{Name: "a", Point: -1, Tensors: 1, Bytes: 9000, Depth: 1, HeadMACs: 40, BreaksFusion: true},
		{Name: "b+1", Point: -1, Tensors: 2, Bytes: 5000, Depth: 2, HeadMACs: 40},
		{Name: "b", Point: 1, Tensors: 1, Bytes: 3000, Depth: 2, HeadMACs: 40},
		{Name: "open", Point: -1, Tensors: 1, Bytes: -1, Depth: 3, HeadMACs: -1},
		{Name: "y", Point: 2, Tensors: 1, Bytes: 40, Depth: 4, HeadMACs: 100},
	}}
	base := filepath.Join(t.TempDir(), "sub", "cuts")
	paths, err := ModelCuts(base, m)
	if err != nil || len(paths) != 2 {
		t.Fatalf("%v, %v", paths, err)
	}
	svg, err := os.ReadFile(base + ".svg")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"net: 5 cuts", "parts a fusion", "partition point", "fewest bytes at a depth", "bytes sent", "work before (%)", "1 cuts that send nothing"} {
		if !strings.Contains(string(svg), text) {
			t.Errorf("the figure doesn't say %q", text)
		}
	}
	if line := leastLine(m.Cuts); len(line) != 5 || line[2].Y != 3000 {
		t.Errorf("the cheapest cuts are %v", line)
	}
	m.MACs = -1
	if _, err := ModelCuts(base, m); err != nil {
		t.Errorf("without work: %v", err)
	}
	m.Cuts = m.Cuts[4:5]
	if _, err := ModelCuts(base, m); !errors.Is(err, ErrNothing) {
		t.Errorf("without sizes: %v, want ErrNothing", err)
	}
}
