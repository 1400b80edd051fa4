package report

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// FiguresOf reads the figures among the files for the page at path: the SVGs, in their order.
func FiguresOf(path string, files []string) ([]Figure, error) {
	var all []Figure
	for _, f := range files {
		if filepath.Ext(f) != ".svg" {
			continue
		}
		b, err := os.ReadFile(f)
		if err != nil {
			return nil, fmt.Errorf("report: %w", err)
		}
		name := strings.TrimSuffix(filepath.Base(f), ".svg")
		figure := Figure{Name: strings.ReplaceAll(name, "-", " "), SVG: b}
		if rel, err := filepath.Rel(filepath.Dir(path), f); err == nil {
			figure.File = filepath.ToSlash(rel)
		}
		all = append(all, figure)
	}
	return all, nil
}
