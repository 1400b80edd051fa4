package builtin

import (
	"fmt"
	"math"

	"github.com/edgeprune/edgeprune/deploy/kernel"
)

// softmax is the kernel "softmax": logits, float32[1,n], become probabilities
// of the same shape. It takes no parameters.
type softmax struct{}

func newSoftmax(s kernel.Spec) (kernel.Kernel, error) {
	if err := s.Parameters().Done(); err != nil {
		return nil, err
	}
	if err := s.CheckPorts([]string{vector}, []string{vector}); err != nil {
		return nil, err
	}
	return softmax{}, nil
}

// Fire computes the probabilities in float64.
func (softmax) Fire(f *kernel.Firing) error {
	in, out := f.In[0][0].Float32(), f.Out[0][0].Float32()
	largest, sum := float32(math.Inf(-1)), 0.0
	for _, v := range in {
		largest = max(largest, v)
	}
	for _, v := range in {
		sum += math.Exp(float64(v - largest))
	}
	for i, v := range in {
		out[i] = float32(math.Exp(float64(v-largest)) / sum)
	}
	return nil
}

// Close does nothing.
func (softmax) Close() error { return nil }

// topK is the kernel "top-k": of float32[1,n], the k largest values as rows of
// index and value, largest first, float32[k,2]. Of equal values the first
// wins. Parameter: k, which must be the out port's number of rows and at most n.
type topK struct{ k int }

func newTopK(s kernel.Spec) (kernel.Kernel, error) {
	if err := s.CheckPorts([]string{vector}, []string{"float32[k,2]"}); err != nil {
		return nil, err
	}
	n, rows := int(s.In[0].Type.Shape[1]), int(s.Out[0].Type.Shape[0])
	p := s.Parameters()
	k := p.Integer("k", rows, 1, n)
	if err := p.Done(); err != nil {
		return nil, err
	}
	if k != rows || k > n {
		return nil, fmt.Errorf("%w: the %d largest of %d values; the out port carries %d", kernel.ErrPort, k, n, rows)
	}
	return &topK{k}, nil
}

// Fire selects by insertion, which is quick for the small k this is for.
func (t *topK) Fire(f *kernel.Firing) error {
	values, out := f.In[0][0].Float32(), f.Out[0][0].Float32()
	filled := 0
	for i, v := range values {
		if filled == t.k && !(v > out[2*t.k-1]) {
			continue
		}
		if filled < t.k {
			filled++
		}
		row := filled - 1
		for ; row > 0 && v > out[2*row-1]; row-- {
			copy(out[2*row:2*row+2], out[2*row-2:2*row])
		}
		out[2*row], out[2*row+1] = float32(i), v
	}
	return nil
}

// Close does nothing.
func (t *topK) Close() error { return nil }
