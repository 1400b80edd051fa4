package vehicle

import (
	"context"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
)

// EarlyMetrics is what the early exit reached, alone and with the network
// behind it, and on what.
type EarlyMetrics struct {
	EarlyAccuracy float64       `json:"early_accuracy"` // share of held-out pictures that the early exit alone gets right
	FullAccuracy  float64       `json:"full_accuracy"`  // of the whole network alone
	Thresholds    []ExitMetrics `json:"thresholds"`
	HeldOut       int           `json:"held_out"`   // pictures measured on
	Difficulty    string        `json:"difficulty"` // of the pictures
	Seed          uint64        `json:"seed"`       // that the early exit was fitted with
}

// ExitMetrics is what a threshold does: a picture leaves early if its largest
// early probability is at least that.
type ExitMetrics struct {
	Threshold    float64 `json:"threshold"`
	EarlyShare   float64 `json:"early_share"`   // pictures that leave early
	EarlyCorrect float64 `json:"early_correct"` // share of those that are right; 0 if none leaves
	Accuracy     float64 `json:"accuracy"`      // of all answers, early or not
}

// exitThresholds are those that MeasureEarly tries.
var exitThresholds = []float64{0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99}

// MeasureEarly runs the network with its early exit over c.HeldOut pictures that
// no fit has seen. Its errors are those of Fit and Model.
func MeasureEarly(ctx context.Context, ev Evaluator, w *Weights, e *Early, c Config) (EarlyMetrics, error) {
	m := EarlyMetrics{HeldOut: c.HeldOut, Difficulty: c.Difficulty.String(), Seed: c.Seed}
	if err := c.check(); err != nil {
		return m, err
	}
	model, err := bothExits(w, e)
	if err != nil {
		return m, err
	}
	for _, th := range exitThresholds {
		m.Thresholds = append(m.Thresholds, ExitMetrics{Threshold: th})
	}
	err = evaluate(ctx, ev, model, stream{HeldOutSeed(c.Seed), c.Difficulty}, c.HeldOut, 2*Classes,
		func(i int, _ scene, out []float32) {
			early, late := argmax(out[:Classes]), argmax(out[Classes:])
			earlyRight, lateRight := right(early, i), right(late, i)
			m.EarlyAccuracy += earlyRight
			m.FullAccuracy += lateRight
			sure := probability(out[:Classes], early)
			for t := range m.Thresholds {
				x := &m.Thresholds[t]
				if sure >= x.Threshold {
					x.EarlyShare++
					x.EarlyCorrect += earlyRight
					x.Accuracy += earlyRight
				} else {
					x.Accuracy += lateRight
				}
			}
		})
	n := float64(c.HeldOut)
	m.EarlyAccuracy, m.FullAccuracy = m.EarlyAccuracy/n, m.FullAccuracy/n
	for t := range m.Thresholds {
		x := &m.Thresholds[t]
		x.EarlyCorrect /= max(x.EarlyShare, 1)
		x.EarlyShare, x.Accuracy = x.EarlyShare/n, x.Accuracy/n
	}
	return m, err
}

// right returns 1 if the answer to picture i is its label, else 0.
func right(answer, i int) float64 {
	if answer == Label(i) {
		return 1
	}
	return 0
}

func probability(logits []float32, class int) float64 {
	row := make([]float64, len(logits))
	for j, v := range logits {
		row[j] = float64(v)
	}
	softmax(row)
	return row[class]
}

// bothExits returns a model of chunk pictures whose one output holds the early
// logits and then the network's.
func bothExits(w *Weights, e *Early) ([]byte, error) {
	if err := checkModel(w, chunk); err != nil {
		return nil, err
	}
	g := newNet("vehicle_exits", chunk)
	g.image()
	g.conv("1", "image", "l1", w.Conv1, 3, Side)
	if err := g.early("l1", e); err != nil {
		return nil, err
	}
	g.afterFirst("l1", w)
	g.b.Node("Concat", []string{"early", "logits"}, []string{"exits"}, build.Attr{Name: "axis", Value: 1})
	g.b.Output("exits", onnx.Float32, g.n, 2*Classes)
	return g.b.Bytes()
}
