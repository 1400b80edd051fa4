package quality

import (
	"fmt"
	"slices"
)

// MinIoU is the overlap from which a track's box and a true box may be the same
// object.
const MinIoU = 0.5

// Score is the quality of tracks.
type Score struct {
	MOTA float64 // 1 - (misses + false positives + switches) / true boxes; at most 1, may be negative
	IDF1 float64 // share of boxes with the right identity, 0 to 1

	Truth, Tracked         int // boxes
	Misses, FalsePositives int
	Switches               int // of a true object from one track to another
	IDMatches              int // boxes under the best pairing of objects with tracks
}

// Tracks scores tracks against the truth by CLEAR MOT (MOTA) and by the best
// one-to-one pairing of objects with tracks (IDF1). Both lists hold the same
// frames in the same order, in the same units; a frame without a result stands
// in tracks with no box and counts as missed. Errors wrap ErrFrames.
func Tracks(truth, tracks []Frame) (Score, error) {
	if len(truth) != len(tracks) {
		return Score{}, fmt.Errorf("%w: %d frames tracked, %d expected", ErrFrames, len(tracks), len(truth))
	}
	c := clear{last: map[int]int{}}
	together := map[[2]int]int{} // frames in which object [0] and track [1] overlap
	for i := range truth {
		a, b := &truth[i], &tracks[i]
		if a.Index != b.Index {
			return Score{}, fmt.Errorf("%w: frame %d tracked, %d expected", ErrFrames, b.Index, a.Index)
		}
		if id, ok := doubled(b.Boxes); ok {
			return Score{}, fmt.Errorf("%w: frame %d holds track %d twice", ErrFrames, b.Index, id)
		}
		if id, ok := doubled(a.Boxes); ok {
			return Score{}, fmt.Errorf("%w: frame %d holds object %d twice", ErrFrames, a.Index, id)
		}
		c.frame(a.Boxes, b.Boxes)
		for _, t := range a.Boxes {
			for _, k := range b.Boxes {
				if IoU(t, k) >= MinIoU {
					together[[2]int{t.ID, k.ID}]++
				}
			}
		}
	}
	s := c.Score
	if s.Truth == 0 {
		return Score{}, fmt.Errorf("%w: no true box in %d frames", ErrFrames, len(truth))
	}
	s.MOTA = 1 - float64(s.Misses+s.FalsePositives+s.Switches)/float64(s.Truth)
	s.IDMatches = bestPairing(together)
	s.IDF1 = 2 * float64(s.IDMatches) / float64(s.Truth+s.Tracked)
	return s, nil
}

// clear counts the events of CLEAR MOT, frame by frame.
type clear struct {
	Score
	last map[int]int // by object: the track that it was last matched with
}

func (c *clear) frame(objects, tracks []Box) {
	c.Truth += len(objects)
	c.Tracked += len(tracks)
	freeObjects, freeTracks := slices.Clone(objects), slices.Clone(tracks)
	matched := 0
	// A pair of the past that still overlaps is kept.
	freeObjects = slices.DeleteFunc(freeObjects, func(o Box) bool {
		id, known := c.last[o.ID]
		if !known {
			return false
		}
		i := slices.IndexFunc(freeTracks, func(t Box) bool { return t.ID == id && IoU(o, t) >= MinIoU })
		if i < 0 {
			return false
		}
		freeTracks = slices.Delete(freeTracks, i, i+1)
		matched++
		return true
	})
	for _, p := range closest(freeObjects, freeTracks) {
		o, t := freeObjects[p[0]].ID, freeTracks[p[1]].ID
		if was, known := c.last[o]; known && was != t {
			c.Switches++
		}
		c.last[o] = t
		matched++
	}
	c.Misses += len(objects) - matched
	c.FalsePositives += len(tracks) - matched
}

// closest pairs as many overlapping boxes as it can, and of those pairings takes
// the one with the largest total overlap.
func closest(objects, tracks []Box) [][2]int {
	const perPair = 1 << 20 // one more pair beats any overlap
	cost := matrix(len(objects), len(tracks), func(i, j int) float64 {
		if v := IoU(objects[i], tracks[j]); v >= MinIoU {
			return -perPair - v
		}
		return 0
	})
	var pairs [][2]int
	for i, j := range assign(cost) {
		if i < len(objects) && j < len(tracks) && cost[i][j] < 0 {
			pairs = append(pairs, [2]int{i, j})
		}
	}
	return pairs
}

// bestPairing returns the most boxes that a one-to-one pairing of objects with
// tracks can match.
func bestPairing(together map[[2]int]int) int {
	var objects, tracks []int
	for p := range together {
		objects, tracks = append(objects, p[0]), append(tracks, p[1])
	}
	slices.Sort(objects)
	slices.Sort(tracks)
	objects, tracks = slices.Compact(objects), slices.Compact(tracks)
	cost := matrix(len(objects), len(tracks), func(i, j int) float64 {
		return -float64(together[[2]int{objects[i], tracks[j]}])
	})
	n := 0
	for i, j := range assign(cost) {
		n -= int(cost[i][j])
	}
	return n
}

// IoU returns the area of the intersection of two boxes over that of their
// union; 0 for boxes without area.
func IoU(a, b Box) float64 {
	w := min(a.X2, b.X2) - max(a.X1, b.X1)
	h := min(a.Y2, b.Y2) - max(a.Y1, b.Y1)
	if w <= 0 || h <= 0 {
		return 0
	}
	return w * h / ((a.X2-a.X1)*(a.Y2-a.Y1) + (b.X2-b.X1)*(b.Y2-b.Y1) - w*h)
}

func doubled(boxes []Box) (int, bool) {
	seen := map[int]bool{}
	for _, b := range boxes {
		if seen[b.ID] {
			return b.ID, true
		}
		seen[b.ID] = true
	}
	return 0, false
}

// F1 returns how well the boxes of two runs agree, whatever their identities: twice
// the pairs that overlap by MinIoU, in the best one-to-one pairing of every frame,
// over all boxes of both; 1 if there are none. Errors wrap ErrFrames.
func F1(reference, got []Frame) (float64, error) {
	if len(reference) != len(got) {
		return 0, fmt.Errorf("%w: %d frames, %d expected", ErrFrames, len(got), len(reference))
	}
	pairs, boxes := 0, 0
	for i := range reference {
		pairs += len(closest(reference[i].Boxes, got[i].Boxes))
		boxes += len(reference[i].Boxes) + len(got[i].Boxes)
	}
	if boxes == 0 {
		return 1, nil
	}
	return 2 * float64(pairs) / float64(boxes), nil
}

// Accuracy returns the share of frames whose class is right. A frame without a
// result has a class that no truth has, such as -1. Errors wrap ErrFrames.
func Accuracy(truth, classes []int) (float64, error) {
	if len(truth) != len(classes) || len(truth) == 0 {
		return 0, fmt.Errorf("%w: %d frames classified, %d expected, at least 1", ErrFrames, len(classes), len(truth))
	}
	right := 0
	for i := range truth {
		if truth[i] == classes[i] {
			right++
		}
	}
	return float64(right) / float64(len(truth)), nil
}
