package quality

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/core/trace"
)

// Scorer compares what the sinks recorded with the ground truth of a data set.
type Scorer interface {
	// Score returns quality by name, as fractions: MOTA and IDF1 of tracks, accuracy
	// of classes.
	Score(results []trace.Result) (map[string]float64, error)
}

// Open reads the ground truth of a data set that lies in dir. The kind is tracking or
// classification.
func Open(kind, dir string) (Scorer, error) {
	switch kind {
	case "tracking":
		truth, err := ReadTruth(filepath.Join(dir, "truth.json"))
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
		return Classes(l.Labels), nil
	}
	return nil, fmt.Errorf("quality kind %q; expected tracking or classification%s", kind,
		nearest.Hint(kind, []string{"tracking", "classification"}))
}

// tracks is the ground truth of a clip that is shown again and again.
type tracks []Frame

// Score expects rows of id, score, x1, y1, x2, y2 and scores the first showing.
func (truth tracks) Score(results []trace.Result) (map[string]float64, error) {
	got, err := boxes(results[:min(len(results), len(truth))])
	if err != nil {
		return nil, err
	}
	s, err := Tracks(truth[:len(got)], got)
	if err != nil {
		return nil, err
	}
	return map[string]float64{"MOTA": s.MOTA, "IDF1": s.IDF1}, nil
}

// boxes reads rows of id, score, x1, y1, x2, y2.
func boxes(results []trace.Result) ([]Frame, error) {
	var frames []Frame
	for i, r := range results {
		if len(r.Values)%6 != 0 {
			return nil, fmt.Errorf("frame %d: %d values; expected rows of id, score, x1, y1, x2, y2", r.Frame, len(r.Values))
		}
		f := Frame{Index: int64(i)}
		for v := r.Values; len(v) > 0; v = v[6:] {
			f.Boxes = append(f.Boxes, Box{
				ID: int(v[0]), X1: float64(v[2]), Y1: float64(v[3]), X2: float64(v[4]), Y2: float64(v[5]),
			})
		}
		frames = append(frames, f)
	}
	return frames, nil
}

// Agreement says how far results are those of a reference run, 0 to 1: the F1 score
// of boxes whatever their identities, or the share of frames with the same class.
func Agreement(kind string, reference, results []trace.Result) (float64, error) {
	if kind == "tracking" {
		want, err := boxes(reference)
		if err != nil {
			return 0, err
		}
		got, err := boxes(results)
		if err != nil {
			return 0, err
		}
		return F1(want, got)
	}
	want, err := classesOf(reference)
	if err != nil {
		return 0, err
	}
	got, err := classesOf(results)
	if err != nil {
		return 0, err
	}
	return Accuracy(want, got)
}

// Classes is the ground truth of pictures that are shown again and again.
type Classes []int

// Score expects the probability of every class and scores the first showing.
func (truth Classes) Score(results []trace.Result) (map[string]float64, error) {
	got, err := classesOf(results[:min(len(results), len(truth))])
	if err != nil {
		return nil, err
	}
	acc, err := Accuracy(truth[:len(got)], got)
	if err != nil {
		return nil, err
	}
	return map[string]float64{"accuracy": acc}, nil
}

// classesOf returns the most probable class of every frame.
func classesOf(results []trace.Result) ([]int, error) {
	var got []int
	for _, r := range results {
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
	return got, nil
}
