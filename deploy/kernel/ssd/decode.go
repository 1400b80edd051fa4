package ssd

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// ErrOutputs: the detector's outputs do not fit the anchors.
var ErrOutputs = errors.New("ssd: outputs do not fit the anchors")

// classes is the number of logits per anchor; faceClass is the column that counts.
const classes, faceClass = 3, 1

// Variances by which the network's box outputs are to be divided.
const centerScale, sizeScale = 10, 5

// Box is a detection. The corners are fractions, 0 to 1, of the padded square
// input: multiply by the larger side of the picture for its pixels.
type Box struct{ X1, Y1, X2, Y2, Score float32 }

// Decode appends to dst[:0] the boxes whose score exceeds threshold (0 to 1),
// in the order of the anchors, clipped to the input. boxes is the detector's
// [N,4] output, logits its [N,3] logits, N the number of anchors; else it
// fails with ErrOutputs. It allocates only to grow dst.
func Decode(dst []Box, boxes, logits []float32, anchors []Anchor, threshold float32) ([]Box, error) {
	dst = dst[:0]
	if len(boxes) != 4*len(anchors) || len(logits) != classes*len(anchors) {
		return dst, fmt.Errorf("%w: %d box and %d class values, %d anchors need %d and %d",
			ErrOutputs, len(boxes), len(logits), len(anchors), 4*len(anchors), classes*len(anchors))
	}
	// score > threshold, without a sigmoid for every anchor.
	least := float32(math.Log(float64(threshold) / (1 - float64(threshold))))
	for i, a := range anchors {
		logit := logits[classes*i+faceClass]
		if !(logit > least) {
			continue
		}
		t := boxes[4*i : 4*i+4]
		cy, cx := t[0]/centerScale*a.Height+a.CenterY, t[1]/centerScale*a.Width+a.CenterX
		h, w := exp(t[2]/sizeScale)*a.Height, exp(t[3]/sizeScale)*a.Width
		dst = append(dst, Box{
			X1: clip(cx - w/2), Y1: clip(cy - h/2), X2: clip(cx + w/2), Y2: clip(cy + h/2),
			Score: 1 / (1 + exp(-logit)),
		})
	}
	return dst, nil
}

func exp(x float32) float32  { return float32(math.Exp(float64(x))) }
func clip(x float32) float32 { return min(max(x, 0), 1) }

// HighestFirst compares boxes by their scores, for sorting.
func HighestFirst(a, b Box) int {
	switch {
	case a.Score > b.Score:
		return -1
	case a.Score < b.Score:
		return 1
	}
	return 0
}

// NMS keeps, of boxes that overlap by more than maxIoU, the one with the
// highest score. It works in place and returns the kept ones, highest score
// first, in the front part of boxes.
func NMS(boxes []Box, maxIoU float32) []Box {
	slices.SortStableFunc(boxes, HighestFirst)
	kept := boxes[:0]
	for _, b := range boxes {
		if !slices.ContainsFunc(kept, func(k Box) bool { return IoU(k, b) > maxIoU }) {
			kept = append(kept, b)
		}
	}
	return kept
}

// IoU returns the intersection of two boxes over their union; 0 if both are
// empty.
func IoU(a, b Box) float32 {
	w := min(a.X2, b.X2) - max(a.X1, b.X1)
	h := min(a.Y2, b.Y2) - max(a.Y1, b.Y1)
	if w <= 0 || h <= 0 {
		return 0
	}
	both := w * h
	return both / (area(a) + area(b) - both)
}

func area(b Box) float32 { return (b.X2 - b.X1) * (b.Y2 - b.Y1) }
