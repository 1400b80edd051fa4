package model

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/edgeprune/edgeprune/core/onnx/cut"
)

// pointPrefix begins what can only be the number of a partition point.
const pointPrefix = "pp"

// find returns the cut that text names: by its name, or else by the number of its partition
// point, with or without pp before it. list holds all cuts. took says which of the two it was,
// where the text could be either.
func (m *Model) find(list []cut.Cut, text string) (c cut.Cut, took string, err error) {
	_, numErr := strconv.Atoi(strings.TrimSpace(text))
	for _, name := range []string{text, strings.TrimSpace(text)} {
		for _, c := range list {
			if c.Name != name {
				continue
			}
			if numErr == nil {
				took = fmt.Sprintf("%s is taken as the cut at tensor %q", text, c.Name)
				if chain, err := cut.Chain(m.Model); err == nil {
					took += fmt.Sprintf("; partition points are %s0 to %s%d", pointPrefix, pointPrefix, len(chain)-1)
				}
			}
			return c, took, nil
		}
	}
	text = strings.TrimSpace(text)
	number, prefixed := strings.CutPrefix(strings.ToLower(text), pointPrefix)
	k, err := strconv.Atoi(number)
	if err != nil {
		return c, "", fmt.Errorf("%w: there is no cut %q; %s; see: edgeprune model cuts %s", ErrCut, text,
			like(list, text), m.Name)
	}
	chain, err := cut.Chain(m.Model)
	if err != nil {
		return c, "", err
	}
	if k < 0 || k >= len(chain) {
		return c, "", fmt.Errorf("%w: there is no partition point %d, and no tensor of that name; points go from 0 to %d",
			ErrCut, k, len(chain)-1)
	}
	if !prefixed {
		took = fmt.Sprintf("%s is taken as partition point %d, the cut at %s", text, k, chain[k].Name)
	}
	return chain[k], took, nil
}

// cutTexts parts a list of cuts at its commas. A comma with a backslash before it belongs to a
// name; so does one without, where the longest name that there is has it.
func cutTexts(list []cut.Cut, at string) []string {
	known := map[string]bool{}
	for _, c := range list {
		known[c.Name] = true
	}
	const escaped = "\x00" // no tensor's name can hold it
	pieces := strings.Split(strings.ReplaceAll(at, `\,`, escaped), ",")
	for i, p := range pieces {
		pieces[i] = strings.ReplaceAll(p, escaped, ",")
	}
	var texts []string
	for len(pieces) > 0 {
		n := len(pieces)
		for n > 1 && !known[strings.TrimSpace(strings.Join(pieces[:n], ","))] {
			n--
		}
		texts = append(texts, strings.Join(pieces[:n], ","))
		pieces = pieces[n:]
	}
	return texts
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

// Sequence returns the ends of the parts that the named cuts leave: the first cut of the model,
// the named ones in order, and the last. It takes a list of names, or of numbers of partition
// points, with commas between; a comma in a name may have a backslash before it. took says, by
// cut, what a number was taken as.
func (m *Model) Sequence(at string) (ends []cut.Cut, took map[string]string, err error) {
	list, _, err := cut.All(m.Model, cut.Limits{})
	if err != nil {
		return nil, nil, err
	}
	first, last := list[0], list[len(list)-1]
	ends, took = []cut.Cut{first}, map[string]string{}
	for _, text := range cutTexts(list, at) {
		c, how, err := m.find(list, text)
		if err != nil {
			return nil, nil, err
		}
		if how != "" {
			took[c.Name] = how
		}
		before := ends[len(ends)-1]
		if tensorKey(c) == tensorKey(first) || tensorKey(c) == tensorKey(last) {
			return nil, nil, fmt.Errorf("%w: %s is an end of the model, where there is nothing to split; %s", ErrCut, c.Name,
				between(list))
		}
		if _, err := cut.Between(m.Model, before, c, "part.data"); err != nil {
			return nil, nil, fmt.Errorf("%w: %s does not lie behind %s: give the cuts in the model's order, each once (%w)",
				ErrCut, c.Name, before.Name, err)
		}
		ends = append(ends, c)
	}
	return append(ends, last), took, nil
}

// between names the inner cuts of a list.
func between(list []cut.Cut) string {
	if len(list) < 3 {
		return "the model has no other cuts"
	}
	return fmt.Sprintf("choose one between %s and %s", list[1].Name, list[len(list)-2].Name)
}
