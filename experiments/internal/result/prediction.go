package result

import "time"

// Prediction says which profile a simulation is made from. Every row has all three, and
// none is chosen by what was measured.
type Prediction string

// The predictions. The headline is the stored one.
const (
	Stored    Prediction = "stored"    // from the profile made before the run: what a what-if study uses
	Fresh     Prediction = "fresh"     // from costs measured right before the case: without the machine's drift
	Corrected Prediction = "corrected" // from the stored profile, its costs multiplied by the machine's drift
)

// Predictions lists them, the headline first.
func Predictions() []Prediction { return []Prediction{Stored, Fresh, Corrected} }

// Predicted returns the outcome of a prediction, nil if it was not made.
func (r *Row) Predicted(p Prediction) *Outcome {
	switch p {
	case Fresh:
		return r.Fresh
	case Corrected:
		return r.Corrected
	}
	return r.Stored
}

// Drift is how the machine changed between the stored profile and the measurement of a
// row: the times of one fixed computation.
type Drift struct {
	Then time.Duration `json:"then_ns"` // beside the samples of the profile, the median over the row's firings
	Now  time.Duration `json:"now_ns"`  // before and after the measurement, their mean
}

// Ratio is above 1 if the machine has become slower.
func (d Drift) Ratio() float64 { return float64(d.Now) / float64(d.Then) }
