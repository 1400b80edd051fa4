package builtin

import (
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/source"
)

// motion is the kernel "motion" of a configuration actor: it says whether a
// frame, uint8[h,w,3], is worth analysing. The frame is averaged over squares of
// block x block pixels of grey and compared with the last frame for which the atr
// was 1. The atr is 1 if the mean absolute difference, weighted by the squares'
// pixels, exceeds the threshold, if there is no such frame yet, or if it lies
// refresh frames back; else it is 0. As the comparison is with the last frame
// analysed, slow motion adds up. Out: control ports, and ports that repeat the
// frame. The averages of the last analysed frame are the kernel's state.
//
// Parameters: threshold, 0 to 255 grey levels, default 2; block, 1 to 128,
// default 8, which averages out a sensor's noise; refresh, 0 to 1000, default 30:
// 1 analyses every frame, 0 lets any time pass.
type motion struct {
	configurator
	height, width, block, refresh int
	limit                         int64 // threshold in units of the squares' sums

	known     bool // last holds an analysed frame
	since     int  // frames since that one
	last, now []int32
}

// motionVersion is that of its snapshots.
const motionVersion = 1

// Weights of red, green and blue in grey, of greyUnit (ITU-R BT.601).
const redWeight, greenWeight, blueWeight, greyUnit = 77, 150, 29, 256

// maxBlock keeps a square's sum within an int32.
const maxBlock = 128

func newMotion(s kernel.Spec) (kernel.Kernel, error) {
	p := s.Parameters()
	threshold := p.Float("threshold", 2, 0, 255)
	k := &motion{block: p.Integer("block", 8, 1, maxBlock), refresh: p.Integer("refresh", 30, 0, maxFrames)}
	if err := p.Done(); err != nil {
		return nil, err
	}
	var err error
	if k.configurator, err = newConfigurator(s, source.Frame); err != nil {
		return nil, err
	}
	k.height, k.width = int(s.In[0].Type.Shape[0]), int(s.In[0].Type.Shape[1])
	k.limit = int64(threshold * greyUnit * float64(k.height) * float64(k.width))
	n := k.columns() * ((k.height + k.block - 1) / k.block)
	k.last, k.now = make([]int32, n), make([]int32, n)
	return k, nil
}

func (k *motion) columns() int { return (k.width + k.block - 1) / k.block }

// Fire decides for one frame.
func (k *motion) Fire(f *kernel.Firing) error {
	k.sum(f.In[0][0].Data)
	k.since++
	moved := int64(0)
	for i, v := range k.now {
		moved += int64(max(v-k.last[i], k.last[i]-v))
	}
	atr := int32(0)
	if !k.known || moved > k.limit || k.refresh > 0 && k.since >= k.refresh {
		atr = 1
		k.known, k.since = true, 0
		k.last, k.now = k.now, k.last
	}
	k.set(f, atr)
	return nil
}

// sum adds up the grey of every square.
func (k *motion) sum(pixels []byte) {
	clear(k.now)
	for y := range k.height {
		row, squares := pixels[3*y*k.width:3*(y+1)*k.width], k.now[y/k.block*k.columns():]
		for s := 0; len(row) > 0; s++ {
			n := min(3*k.block, len(row))
			grey := int32(0)
			for part := row[:n]; len(part) >= 3; part = part[3:] {
				grey += redWeight*int32(part[0]) + greenWeight*int32(part[1]) + blueWeight*int32(part[2])
			}
			squares[s] += grey
			row = row[n:]
		}
	}
}

// Snapshot implements Stateful: frames since the last analysed one, -1 for none,
// and its sums.
func (k *motion) Snapshot(dst []byte) []byte {
	dst = append(dst, motionVersion)
	if !k.known {
		return appendInts(dst, -1)
	}
	dst = appendInts(dst, k.since)
	for _, v := range k.last {
		dst = appendInts(dst, int(v))
	}
	return dst
}

// Restore implements Stateful.
func (k *motion) Restore(snapshot []byte) error {
	k.known, k.since = false, 0
	clear(k.last)
	if snapshot == nil {
		return nil
	}
	r := readSnapshot(snapshot, motionVersion)
	if since := r.int(); since >= 0 {
		k.known, k.since = true, since
		for i := range k.last {
			k.last[i] = int32(r.int())
		}
	}
	return r.done("motion")
}
