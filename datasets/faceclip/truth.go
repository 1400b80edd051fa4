package faceclip

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
)

// TruthFile is the name of the ground truth beside the frames.
const TruthFile = "truth.json"

// Truth says where the faces are in every frame.
type Truth struct {
	Width  int     `json:"width"`  // pixels
	Height int     `json:"height"` // pixels
	FPS    int     `json:"fps"`    // frames per second at which the motion looks natural
	Seed   uint64  `json:"seed"`   // of the motion
	Frames []Frame `json:"frames"`
}

// Frame holds the faces of which at least half is in view.
type Frame struct {
	Index int    `json:"index"`
	Faces []Face `json:"faces"`
}

// Face is a person's face, clipped at the frame's border, in pixels. ID is the
// same person in all frames.
type Face struct {
	ID int     `json:"id"`
	X1 float64 `json:"x1"`
	Y1 float64 `json:"y1"`
	X2 float64 `json:"x2"`
	Y2 float64 `json:"y2"`
}

// annotated are the faces in the photograph, marked by hand, in its pixels:
// from hairline to chin.
var annotated = []Face{
	{1, 377, 864, 548, 1159},
	{2, 598, 416, 762, 664},
	{3, 787, 110, 941, 320},
	{4, 1112, 200, 1270, 435},
	{5, 1405, 388, 1572, 662},
}

// ReadTruth reads the ground truth of the clip in dir.
func ReadTruth(dir string) (Truth, error) {
	var t Truth
	path := filepath.Join(dir, TruthFile)
	data, err := os.ReadFile(path)
	if err != nil {
		return t, fmt.Errorf("faceclip: %w", err)
	}
	if err := json.Unmarshal(data, &t); err != nil {
		return t, fmt.Errorf("faceclip: %s: %w", path, err)
	}
	return t, nil
}

// truthOf returns the ground truth of windows, one a frame.
func truthOf(windows []window) Truth {
	t := Truth{Width: Side, Height: Side, FPS: FPS, Seed: Seed}
	for i, w := range windows {
		f := Frame{Index: i, Faces: []Face{}}
		for _, a := range annotated {
			if face, ok := w.view(a); ok {
				f.Faces = append(f.Faces, face)
			}
		}
		t.Frames = append(t.Frames, f)
	}
	return t
}

// view returns face, given in the photograph, as seen in the window, and
// whether at least half of it is.
func (w window) view(face Face) (Face, bool) {
	x0, y0 := float64(w.x)/subPixels, float64(w.y)/subPixels
	whole := Face{face.ID, face.X1/reduction - x0, face.Y1/reduction - y0, face.X2/reduction - x0, face.Y2/reduction - y0}
	border := func(v float64) float64 { return math.Min(math.Max(v, 0), Side) }
	seen := Face{face.ID, border(whole.X1), border(whole.Y1), border(whole.X2), border(whole.Y2)}
	return seen, 2*seen.area() >= whole.area()
}

func (f Face) area() float64 { return (f.X2 - f.X1) * (f.Y2 - f.Y1) }
