package builtin

import (
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/ssd"
)

// detectionColumns is the width of a row of detections: score, x1, y1, x2, y2.
const detectionColumns = 5

// ssdDecode is the kernel "ssd-decode": the outputs of an SSD face detector, in
// ports for the boxes, float32[1,N,4], and the classes, float32[1,N,3], become
// rows of score, x1, y1, x2, y2, float32[max,5], highest score first,
// overlapping ones included. Coordinates are pixels of the detector's square
// input. Rows that are not used have score 0; if there are more detections than
// rows, the lowest scores are left out.
//
// Parameters: input_size, the side of the input in pixels (required, as the
// anchors depend on it); threshold, 0 to 1, default 0.5, which a score must
// exceed.
type ssdDecode struct {
	anchors         []ssd.Anchor
	size, threshold float32
	boxes           []ssd.Box
}

// maxInputSize bounds what newSSDDecode allocates.
const maxInputSize = 4096

func newSSDDecode(s kernel.Spec) (kernel.Kernel, error) {
	p := s.Parameters()
	size := p.Integer("input_size", 0, 1, maxInputSize)
	threshold := p.Float("threshold", .5, 0, 1)
	if size == 0 {
		p.Failf("input_size is missing; give the side of the detector's input in pixels")
	}
	if err := p.Done(); err != nil {
		return nil, err
	}
	anchors := ssd.Anchors(size)
	n := int64(len(anchors))
	if err := s.CheckIn(fmt.Sprintf("float32[1,%d,4]", n), fmt.Sprintf("float32[1,%d,3]", n)); err != nil {
		return nil, fmt.Errorf("%w: boxes and classes of the %d anchors of input size %d", err, n, size)
	}
	if err := s.CheckOut(scored); err != nil {
		return nil, err
	}
	return &ssdDecode{anchors: anchors, size: float32(size), threshold: float32(threshold), boxes: make([]ssd.Box, 0, n)},
		nil
}

// Fire decodes one frame.
func (k *ssdDecode) Fire(f *kernel.Firing) (err error) {
	k.boxes, err = ssd.Decode(k.boxes, f.In[0][0].Float32(), f.In[1][0].Float32(), k.anchors, k.threshold)
	if err != nil {
		return fmt.Errorf("%w: %w", kernel.ErrToken, err)
	}
	slices.SortStableFunc(k.boxes, ssd.HighestFirst)
	writeBoxes(f.Out[0][0].Float32(), k.boxes, k.size)
	return nil
}

// Close does nothing.
func (k *ssdDecode) Close() error { return nil }

// nms is the kernel "nms", greedy non-maximum suppression: of rows that
// overlap, the one with the highest score stays. In and out: rows of score, x1,
// y1, x2, y2, float32[max,5], those with score 0 not used; out has the highest
// score first. The out port may have fewer rows: then the lowest scores are left
// out.
//
// Parameter: iou, 0 to 1, default 0.5, the largest intersection over union that
// two rows may have.
type nms struct {
	iou   float32
	boxes []ssd.Box
}

func newNMS(s kernel.Spec) (kernel.Kernel, error) {
	p := s.Parameters()
	iou := p.Float("iou", .5, 0, 1)
	if err := p.Done(); err != nil {
		return nil, err
	}
	if err := s.CheckIn(scored); err != nil {
		return nil, err
	}
	if err := s.CheckOut(scored); err != nil {
		return nil, err
	}
	return &nms{iou: float32(iou), boxes: make([]ssd.Box, 0, s.In[0].Type.Shape[0])}, nil
}

// Fire suppresses within one frame.
func (k *nms) Fire(f *kernel.Firing) error {
	k.boxes = readBoxes(k.boxes, f.In[0][0].Float32())
	writeBoxes(f.Out[0][0].Float32(), ssd.NMS(k.boxes, k.iou), 1)
	return nil
}

// Close does nothing.
func (k *nms) Close() error { return nil }

// readBoxes appends the used rows to dst[:0].
func readBoxes(dst []ssd.Box, rows []float32) []ssd.Box {
	dst = dst[:0]
	for ; len(rows) >= detectionColumns; rows = rows[detectionColumns:] {
		if rows[0] > 0 {
			dst = append(dst, ssd.Box{Score: rows[0], X1: rows[1], Y1: rows[2], X2: rows[3], Y2: rows[4]})
		}
	}
	return dst
}

// writeBoxes writes as many boxes as there are rows, scaled, and zeros after.
func writeBoxes(rows []float32, boxes []ssd.Box, scale float32) {
	for _, b := range boxes {
		if len(rows) < detectionColumns {
			return
		}
		rows[0], rows[1], rows[2], rows[3], rows[4] = b.Score, b.X1*scale, b.Y1*scale, b.X2*scale, b.Y2*scale
		rows = rows[detectionColumns:]
	}
	clear(rows)
}
