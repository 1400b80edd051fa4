package ssd_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/edgeprune/edgeprune/datasets/faceclip"
	"github.com/edgeprune/edgeprune/deploy/kernel/ssd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestClipFacesAreFound checks that the generated clip's scale suits the
// 300-pixel detector and that its ground truth lies where the faces are.
func TestClipFacesAreFound(t *testing.T) {
	e := evaluator(t)
	model, err := os.ReadFile(filepath.Join(dataset(t, "ssd-mobilenet-v1-300"), "model.onnx"))
	require.NoError(t, err)
	clip := dataset(t, "face-clip")
	truth, err := faceclip.ReadTruth(clip)
	require.NoError(t, err)
	faces, found, wrong := 0, map[int]int{}, 0
	visible := map[int]int{}
	for _, f := range truth.Frames {
		boxes := detect(t, e, model, faceclip.Side, open(t, filepath.Join(clip, faceclip.FrameName(f.Index))))
		matched := 0
		for _, face := range f.Faces {
			visible[face.ID]++
			faces++
			at := ssd.Box{X1: float32(face.X1) / faceclip.Side, Y1: float32(face.Y1) / faceclip.Side,
				X2: float32(face.X2) / faceclip.Side, Y2: float32(face.Y2) / faceclip.Side}
			for _, b := range boxes {
				if ssd.IoU(at, b) > .5 {
					matched++
					found[face.ID]++
					break
				}
			}
		}
		wrong += len(boxes) - matched
	}
	all := 0
	for _, n := range found {
		all += n
	}
	t.Logf("%d of %d visible faces found (%.1f %%), %d other boxes; per person found %v of %v",
		all, faces, 100*float64(all)/float64(faces), wrong, found, visible)
	assert.GreaterOrEqual(t, 10*all, 8*faces, "%d of %d visible faces found, want at least 80 %%", all, faces)
	assert.LessOrEqual(t, 10*wrong, faces, "%d boxes are no visible face, want at most a tenth", wrong)
}
