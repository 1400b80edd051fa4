package result

import (
	"fmt"
	"io"
)

// Baselines is the group of cases that stand beside those of all groups of mappings.
const Baselines = "baselines"

// MappedRows returns the rows by group of mappings, in order of first appearance, the
// baselines last.
func MappedRows(rows []Row) (names []string, groups map[string][]*Row) {
	groups = map[string][]*Row{}
	for i := range rows {
		name := rows[i].Group
		if name == "" {
			name = Baselines
		} else if groups[name] == nil {
			names = append(names, name)
		}
		groups[name] = append(groups[name], &rows[i])
	}
	if groups[Baselines] != nil {
		names = append(names, Baselines)
	}
	return names, groups
}

// GroupErrors returns the errors of every quantity by every prediction in every group of
// mappings; none of other sweeps.
func GroupErrors(s *Sweep) []ErrorSummary {
	if s.Kind != OfMappings {
		return nil
	}
	var all []ErrorSummary
	names, groups := MappedRows(s.Rows)
	for _, name := range names {
		for _, e := range Errors(groups[name], func(r *Row) string { return r.FullLabel() }) {
			e.Group = name
			all = append(all, e)
		}
	}
	return all
}

// GroupErrorLines says in one line per group how far the stored prediction was off.
func GroupErrorLines(errs []ErrorSummary) []string {
	var lines []string
	last := ""
	for _, e := range errs {
		switch {
		case e.Prediction != Stored:
			continue
		case len(lines) == 0 || e.Group != last:
			lines = append(lines, e.Group+": "+e.String())
		default:
			lines[len(lines)-1] += "; " + e.String()
		}
		last = e.Group
	}
	return lines
}

// writeGroupErrors prints the errors of every group of mappings by the stored prediction.
func writeGroupErrors(w io.Writer, errs []ErrorSummary) {
	for _, e := range errs {
		if e.Prediction == Stored {
			fmt.Fprintf(w, "  error, %s: %s\n", e.Group, e)
		}
	}
}
