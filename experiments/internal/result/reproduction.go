package result

import (
	"encoding/json"
	"fmt"
)

// Reproduction is what reproduce.json holds: the summaries of all experiments, and the
// errors of the predictions over all of them.
type Reproduction struct {
	Machine  string `json:"machine"`
	Date     string `json:"date"`
	Revision string `json:"revision"` // of the program
	// Errors are over the rows of all experiments.
	Errors []ErrorSummary `json:"errors"`
	// Best is the prediction with the smallest median error over all rows, by quantity. It
	// is said after the run and chooses nothing.
	Best        map[Quantity]Prediction `json:"best_prediction"`
	Experiments map[string]Summary      `json:"experiments"`
}

// Reproduce sums up the experiments of one run of the program. It returns ErrEmpty if one
// of them has no rows.
func Reproduce(sweeps []*Sweep) (*Reproduction, error) {
	r := &Reproduction{Best: map[Quantity]Prediction{}, Experiments: map[string]Summary{}}
	var rows []*Row
	for _, s := range sweeps {
		sum, err := Summarise(s)
		if err != nil {
			return nil, err
		}
		r.Experiments[s.Experiment] = sum
		rows = append(rows, s.All()...)
	}
	r.Errors = Errors(rows, func(r *Row) string { return r.Experiment + ": " + r.name() })
	for _, q := range Quantities() {
		if best, ok := Best(r.Errors, q); ok {
			r.Best[q] = best
		}
	}
	return r, nil
}

// Write writes the record as JSON to path, atomically.
func (r *Reproduction) Write(path string) error {
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("result: encode %s: %w", path, err)
	}
	return WriteFile(path, append(b, '\n'))
}
