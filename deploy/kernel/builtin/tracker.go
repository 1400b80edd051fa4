package builtin

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/ssd"
)

// trackColumns is the width of a row of tracks: id, score, x1, y1, x2, y2.
const trackColumns = 6

// tracker is the kernel "tracker": it gives objects the same number in
// successive frames. Detections, float32[max,5] as of "nms", are assigned to
// the tracks of earlier frames greedily: the pair with the highest intersection
// over union first; of equal pairs the older track, then the earlier row. What
// stays unassigned starts a new track.
//
// Out: rows of id, score, x1, y1, x2, y2, float32[max,6], for the tracks seen in
// this frame, in the order of ids; ids count from 1, and rows with id 0 are not
// used. If there are more tracks than rows, the newest are left out.
//
// As the exit of a dynamic part, with an in port of rates 0 to 1 and a control in
// port, it predicts: in every frame each track first moves on by its velocity,
// which is the way between the last two sightings by the frames between them. In a
// frame without detections the tracks seen in the last one are reported where
// they are predicted, and none ages.
//
// Parameters: iou, 0 to 1, default 0.3, which an assigned pair must exceed;
// max_age, default 3, the frames for which a track may go unseen before it is
// given up; min_hits, default 1, the frames in which a track must have been
// seen to be reported. If it predicts, momentum, 0 to 1, default 0.5, the share of
// its velocity that a track keeps over a frame without detections: 1 is constant
// velocity, 0 stands still, as suits a gate that a motion detector opens. The tracks
// are the kernel's state.
type tracker struct {
	iou             float32
	maxAge, minHits int
	in              int // the port of the detections
	predicts        bool
	momentum        float32

	lastID     int
	tracks     []track // in the order of ids
	detections []ssd.Box
	pairs      []pair
	assigned   []bool // by detection
}

type track struct {
	id, hits, unseen int
	box              ssd.Box

	// Of a tracker that predicts:
	since int     // frames since it was last seen
	seen  vector2 // where its centre was then
	speed vector2 // per frame
}

// vector2 is a place or way in pixels.
type vector2 struct{ x, y float32 }

func centre(b ssd.Box) vector2 { return vector2{(b.X1 + b.X2) / 2, (b.Y1 + b.Y2) / 2} }

type pair struct {
	iou              float32
	track, detection int
}

// maxFrames bounds max_age and min_hits.
const maxFrames = 1000

func newTracker(s kernel.Spec) (kernel.Kernel, error) {
	control, data := kernel.SplitPorts(s.In)
	p := s.Parameters()
	k := &tracker{
		predicts: len(control) > 0,
		iou:      float32(p.Float("iou", .3, 0, 1)),
		maxAge:   p.Integer("max_age", 3, 0, maxFrames),
		minHits:  p.Integer("min_hits", 1, 1, maxFrames),
	}
	if k.predicts {
		k.momentum = float32(p.Float("momentum", .5, 0, 1))
	}
	if err := p.Done(); err != nil {
		return nil, err
	}
	if err := s.CheckOut(followed); err != nil {
		return nil, err
	}
	switch {
	case !k.predicts:
		if err := s.CheckIn(scored); err != nil {
			return nil, err
		}
	case len(control) != 1 || len(data) != 1:
		return nil, fmt.Errorf(
			"%w: %d control and %d other in ports; expected one of each",
			kernel.ErrPort,
			len(control),
			len(data),
		)
	default:
		if err := kernel.CheckPort("in", s.In[data[0]], 0, scored); err != nil {
			return nil, err
		}
	}
	k.in = data[0]
	rows := s.In[k.in].Type.Shape[0]
	k.detections, k.assigned = make([]ssd.Box, 0, rows), make([]bool, rows)
	return k, nil
}

// Fire follows the tracks into one more frame.
func (k *tracker) Fire(f *kernel.Firing) error {
	detections := f.In[k.in]
	if k.predicts {
		k.predict(len(detections) > 0)
	}
	if len(detections) > 0 {
		k.update(detections[0].Float32())
	}
	k.write(f.Out[0][0].Float32())
	return nil
}

// predict moves every track on by a frame.
func (k *tracker) predict(detections bool) {
	for i := range k.tracks {
		t := &k.tracks[i]
		if !detections {
			t.speed.x *= k.momentum
			t.speed.y *= k.momentum
		}
		t.box.X1, t.box.X2 = t.box.X1+t.speed.x, t.box.X2+t.speed.x
		t.box.Y1, t.box.Y2 = t.box.Y1+t.speed.y, t.box.Y2+t.speed.y
		t.since++
	}
}

// update takes in the detections of one frame.
func (k *tracker) update(rows []float32) {
	k.detections = readBoxes(k.detections, rows)
	for i := range k.tracks {
		k.tracks[i].unseen++
	}
	k.assign()
	k.tracks = slices.DeleteFunc(k.tracks, func(t track) bool { return t.unseen > k.maxAge })
	for d, box := range k.detections {
		if !k.assigned[d] {
			k.lastID++
			k.tracks = append(k.tracks, track{id: k.lastID, hits: 1, box: box, seen: centre(box)})
		}
	}
}

func (k *tracker) assign() {
	k.pairs = k.pairs[:0]
	for t := range k.tracks {
		for d := range k.detections {
			if iou := ssd.IoU(k.tracks[t].box, k.detections[d]); iou > k.iou {
				k.pairs = append(k.pairs, pair{iou, t, d})
			}
		}
	}
	slices.SortFunc(k.pairs, func(a, b pair) int {
		return cmp.Or(cmp.Compare(b.iou, a.iou), cmp.Compare(a.track, b.track), cmp.Compare(a.detection, b.detection))
	})
	clear(k.assigned)
	for _, p := range k.pairs {
		t := &k.tracks[p.track]
		if t.unseen == 0 || k.assigned[p.detection] {
			continue
		}
		t.box, t.unseen, t.hits = k.detections[p.detection], 0, t.hits+1
		if k.predicts {
			now, frames := centre(t.box), float32(t.since)
			t.speed = vector2{(now.x - t.seen.x) / frames, (now.y - t.seen.y) / frames}
			t.seen, t.since = now, 0
		}
		k.assigned[p.detection] = true
	}
}

func (k *tracker) write(rows []float32) {
	for _, t := range k.tracks {
		if t.unseen > 0 || t.hits < k.minHits {
			continue
		}
		if len(rows) < trackColumns {
			return
		}
		rows[0], rows[1] = float32(t.id), t.box.Score
		rows[2], rows[3], rows[4], rows[5] = t.box.X1, t.box.Y1, t.box.X2, t.box.Y2
		rows = rows[trackColumns:]
	}
	clear(rows)
}

// Close does nothing.
func (k *tracker) Close() error { return nil }
