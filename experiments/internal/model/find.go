package model

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/edgeprune/edgeprune/core/onnx/cut"
)

// find returns the cut that text names: by its name, or by the number of its
// partition point. list holds all cuts.
func (m *Model) find(list []cut.Cut, text string) (cut.Cut, error) {
	for _, c := range list {
		if c.Name == text {
			return c, nil
		}
	}
	if k, err := strconv.Atoi(text); err == nil {
		chain, err := cut.Chain(m.Model)
		if err != nil {
			return cut.Cut{}, err
		}
		if k >= 0 && k < len(chain) {
			return chain[k], nil
		}
		return cut.Cut{}, fmt.Errorf("%w: there is no partition point %d; they go from 0 to %d", ErrCut, k, len(chain)-1)
	}
	return cut.Cut{}, fmt.Errorf("%w: there is no cut %q; %s; see: edgeprune model cuts %s", ErrCut, text,
		like(list, text), m.Name)
}

// like lists the cuts whose names resemble text.
func like(cuts []cut.Cut, text string) string {
	var near, first []string
	for _, c := range cuts {
		if strings.Contains(strings.ToLower(c.Name), strings.ToLower(text)) ||
			strings.Contains(strings.ToLower(text), strings.ToLower(c.Name)) {
			near = append(near, c.Name)
		}
		first = append(first, c.Name)
	}
	if len(near) == 0 {
		near = first
	}
	const most = 5
	more := ""
	if len(near) > most {
		more = fmt.Sprintf(" and %d more", len(near)-most)
		near = near[:most]
	}
	return "cuts like it are " + strings.Join(near, ", ") + more
}

// Sequence returns the ends of the parts that the named cuts leave: the first
// cut of the model, the named ones in order, and the last.
func (m *Model) Sequence(texts []string) ([]cut.Cut, error) {
	list, _, err := cut.All(m.Model, cut.Limits{})
	if err != nil {
		return nil, err
	}
	first, last := list[0], list[len(list)-1]
	ends := []cut.Cut{first}
	for _, text := range texts {
		c, err := m.find(list, strings.TrimSpace(text))
		if err != nil {
			return nil, err
		}
		before := ends[len(ends)-1]
		if tensorKey(c) == tensorKey(first) || tensorKey(c) == tensorKey(last) {
			return nil,
				fmt.Errorf("%w: %s is an end of the model, where there is nothing to split; choose one between %s and %s", ErrCut,
					c.Name, list[1].Name, list[len(list)-2].Name)
		}
		if _, err := cut.Between(m.Model, before, c, "part.data"); err != nil {
			return nil, fmt.Errorf("%w: %s does not lie behind %s: give the cuts in the model's order, each once (%w)", ErrCut,
				c.Name, before.Name, err)
		}
		ends = append(ends, c)
	}
	return append(ends, last), nil
}
