package experiments

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/quality"
)

// Truth compares what the sinks recorded with the ground truth of a data set.
type Truth interface {
	// Score returns quality by name, as fractions: MOTA and IDF1 of tracks, accuracy
	// of classes.
	Score(results []trace.Result) (map[string]float64, error)
}

// OpenTruth reads the ground truth of a data set that lies in dir.
func OpenTruth(q Quality, dir string) (Truth, error) {
	switch q.Kind {
	case "tracking":
		truth, err := quality.ReadTruth(filepath.Join(dir, "truth.json"))
		if err != nil {
			return nil, err
		}
		return tracks(truth.Frames), nil
	case "classification":
		path := filepath.Join(dir, "labels.json")
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		var l struct {
			Labels []int `json:"labels"`
		}
		if err := json.Unmarshal(b, &l); err != nil || len(l.Labels) == 0 {
			return nil, fmt.Errorf("%s: no labels: %w", path, err)
		}
		return classes(l.Labels), nil
	}
	return nil, fmt.Errorf("quality kind %q; expected tracking or classification", q.Kind)
}

// tracks is the ground truth of a clip that is shown again and again.
type tracks []quality.Frame

// Score expects rows of id, score, x1, y1, x2, y2 and scores the first showing.
func (truth tracks) Score(results []trace.Result) (map[string]float64, error) {
	var got []quality.Frame
	for i, r := range results[:min(len(results), len(truth))] {
		if len(r.Values)%6 != 0 {
			return nil, fmt.Errorf("frame %d: %d values; expected rows of id, score, x1, y1, x2, y2", r.Frame, len(r.Values))
		}
		f := quality.Frame{Index: int64(i)}
		for v := r.Values; len(v) > 0; v = v[6:] {
			f.Boxes = append(f.Boxes, quality.Box{ID: int(v[0]), X1: float64(v[2]), Y1: float64(v[3]), X2: float64(v[4]), Y2: float64(v[5])})
		}
		got = append(got, f)
	}
	s, err := quality.Tracks(truth[:len(got)], got)
	if err != nil {
		return nil, err
	}
	return map[string]float64{"MOTA": s.MOTA, "IDF1": s.IDF1}, nil
}

// classes is the ground truth of pictures that are shown again and again.
type classes []int

// Score expects the probability of every class and scores the first showing.
func (truth classes) Score(results []trace.Result) (map[string]float64, error) {
	var got []int
	for _, r := range results[:min(len(results), len(truth))] {
		if len(r.Values) == 0 {
			return nil, fmt.Errorf("frame %d: no probabilities", r.Frame)
		}
		best := 0
		for i, v := range r.Values {
			if v > r.Values[best] {
				best = i
			}
		}
		got = append(got, best)
	}
	acc, err := quality.Accuracy(truth[:len(got)], got)
	if err != nil {
		return nil, err
	}
	return map[string]float64{"accuracy": acc}, nil
}
