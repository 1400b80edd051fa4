// Package quality scores results against the truth: MOTA and IDF1 of tracks,
// accuracy of classes. It may not run anything, nor leave failed frames out.
package quality

import (
	"encoding/json"
	"fmt"
	"os"
)

// Box is an axis-aligned box, in pixels or as fractions of the frame, with the
// identity of the object or track that it belongs to.
type Box struct {
	ID             int
	X1, Y1, X2, Y2 float64
}

// Frame is the boxes of one frame. Identities are unique within a frame.
type Frame struct {
	Index int64
	Boxes []Box
}

// Truth is the ground truth of a clip: one Frame per picture, by index from 0,
// in pixels.
type Truth struct {
	Width, Height int
	FPS           float64
	Seed          uint64
	Frames        []Frame
}

// ReadTruth reads a truth.json file. Errors name the path; those of its content
// wrap ErrTruth.
func ReadTruth(path string) (*Truth, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("quality: %w; run: edgeprune datasets get", err)
	}
	t, err := ParseTruth(b)
	if err != nil {
		return nil, fmt.Errorf("quality: %s: %w", path, err)
	}
	return t, nil
}

// ParseTruth decodes the content of a truth.json file. Errors wrap ErrTruth.
func ParseTruth(b []byte) (*Truth, error) {
	var file struct {
		Width, Height int
		FPS           float64
		Seed          uint64
		Frames        []struct {
			Index int64
			Faces []struct {
				ID             int
				X1, Y1, X2, Y2 float64
			}
		}
	}
	if err := json.Unmarshal(b, &file); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTruth, err)
	}
	if len(file.Frames) == 0 || file.Width <= 0 || file.Height <= 0 {
		return nil, fmt.Errorf("%w: %d frames of %d x %d pixels; expected at least one frame with a size", ErrTruth,
			len(file.Frames), file.Width, file.Height)
	}
	t := &Truth{Width: file.Width, Height: file.Height, FPS: file.FPS, Seed: file.Seed}
	for i, f := range file.Frames {
		if f.Index != int64(i) {
			return nil, fmt.Errorf("%w: frame %d stands at place %d; expected all frames in order, from 0", ErrTruth, f.Index, i)
		}
		frame := Frame{Index: f.Index}
		for _, b := range f.Faces {
			if b.X1 >= b.X2 || b.Y1 >= b.Y2 {
				return nil, fmt.Errorf("%w: frame %d, face %d: the box is empty", ErrTruth, i, b.ID)
			}
			frame.Boxes = append(frame.Boxes, Box(b))
		}
		t.Frames = append(t.Frames, frame)
	}
	return t, nil
}
