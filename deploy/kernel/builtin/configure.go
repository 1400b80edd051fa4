package builtin

import (
	"fmt"

	"github.com/edgeprune/edgeprune/deploy/kernel"
)

// configurator is what kernels of configuration actors have in common: one in
// port, control out ports that say the atr, and out ports that repeat the in
// port's token.
type configurator struct{ control, repeat []int }

func newConfigurator(s kernel.Spec, in string) (configurator, error) {
	var k configurator
	if err := s.CheckIn(in); err != nil {
		return k, err
	}
	k.control, k.repeat = kernel.SplitPorts(s.Out)
	if len(k.control) == 0 {
		return k, fmt.Errorf("%w: no out port is a control port; one says the atr", kernel.ErrPort)
	}
	for _, p := range k.repeat {
		if err := kernel.CheckPort("out", s.Out[p], 1, s.In[0].Type.String()); err != nil {
			return k, err
		}
	}
	return k, nil
}

// set writes the atr and repeats the input.
func (k *configurator) set(f *kernel.Firing, atr int32) {
	for _, p := range k.control {
		kernel.View[int32](f.Out[p][0])[0] = atr
	}
	for _, p := range k.repeat {
		copyToAll(f.Out[p:p+1], f.In[0][0])
	}
}

// Close does nothing.
func (k *configurator) Close() error { return nil }

// confidence is the kernel "confidence" of a configuration actor: of
// probabilities, float32[1,n], the largest decides. If it is at least the
// threshold, the answer is sure and the atr 0; else, also where there is no
// number, it is 1. Out: control ports, and ports that repeat the probabilities.
//
// Parameter: threshold, 0 to 2, default 0.9; above 1 no answer is sure.
type confidence struct {
	configurator
	threshold float32
}

func newConfidence(s kernel.Spec) (kernel.Kernel, error) {
	p := s.Parameters()
	threshold := p.Float("threshold", .9, 0, 2)
	if err := p.Done(); err != nil {
		return nil, err
	}
	c, err := newConfigurator(s, vector)
	return &confidence{c, float32(threshold)}, err
}

// Fire decides for one frame.
func (k *confidence) Fire(f *kernel.Firing) error {
	atr := int32(1)
	for _, v := range f.In[0][0].Float32() {
		if v >= k.threshold {
			atr = 0
		}
	}
	k.set(f, atr)
	return nil
}
