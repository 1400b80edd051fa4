package kernel_test

import (
	"encoding/binary"
	"fmt"
	"log"
	"math"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/builtin"
)

// smooth is the kernel "smooth": the running mean of vectors, float32[1,n], which
// steadies a classifier's probabilities. Its state is the mean.
type smooth struct {
	factor float32
	mean   []float32
}

func newSmooth(s kernel.Spec) (kernel.Kernel, error) {
	p := s.Parameters()
	factor := p.Float("factor", 0.5, 0, 1)
	if err := p.Done(); err != nil {
		return nil, err
	}
	if err := s.CheckPorts([]string{"float32[1,n]"}, []string{"float32[1,n]"}); err != nil {
		return nil, err
	}
	return &smooth{float32(factor), make([]float32, s.In[0].Type.Elements())}, nil
}

func (k *smooth) Fire(f *kernel.Firing) error {
	in, out := kernel.View[float32](f.In[0][0]), kernel.View[float32](f.Out[0][0])
	for i, v := range in {
		k.mean[i] += k.factor * (v - k.mean[i])
	}
	copy(out, k.mean)
	return nil
}

func (k *smooth) Close() error { return nil }

func (k *smooth) Snapshot(dst []byte) []byte {
	dst = append(dst, 1) // version
	for _, v := range k.mean {
		dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(v))
	}
	return dst
}

func (k *smooth) Restore(snapshot []byte) error {
	clear(k.mean)
	if snapshot == nil {
		return nil
	}
	if len(snapshot) != 1+4*len(k.mean) || snapshot[0] != 1 {
		return kernel.ErrSnapshot
	}
	for i := range k.mean {
		k.mean[i] = math.Float32frombits(binary.LittleEndian.Uint32(snapshot[1+4*i:]))
	}
	return nil
}

// A kernel of one's own, with typed ports, a setting and state: registered, made,
// fired, and restored from a snapshot.
func Example() {
	registry := builtin.Registry()
	if err := registry.Register("smooth", newSmooth); err != nil {
		log.Fatal(err)
	}

	vector := graph.TokenType{Elem: "float32", Shape: []int64{1, 2}}
	port := graph.Port{Name: "vector", LRL: 1, URL: 1, Type: vector}
	g := &graph.Graph{Actors: []graph.Actor{
		{Name: "steady", Kernel: "smooth", In: []graph.Port{port}, Out: []graph.Port{port}, Stateful: true},
	}}
	made, err := registry.New("smooth", kernel.Spec{
		Actor: "steady", In: g.Actors[0].In, Out: g.Actors[0].Out, Params: map[string]any{"factor": 0.25},
	})
	if err != nil {
		log.Fatal(err)
	}
	k := kernel.Guard(made, g, 0)

	in, out := kernel.NewToken(vector, 0), kernel.NewToken(vector, 0)
	f := &kernel.Firing{In: [][]*kernel.Token{{in}}, Out: [][]*kernel.Token{{out}}}
	fire := func(values ...float32) {
		copy(kernel.View[float32](in), values)
		if err := k.Fire(f); err != nil {
			log.Fatal(err)
		}
		fmt.Println("frame", f.Frame, kernel.View[float32](out))
		f.Frame++
	}
	fire(4, 0)
	snapshot := kernel.State(k).Snapshot(nil)
	fire(4, 8)
	if err := kernel.State(k).Restore(snapshot); err != nil {
		log.Fatal(err)
	}
	f.Frame = 1
	fire(4, 8)

	if err := k.Close(); err != nil {
		log.Fatal(err)
	}

	_, err = registry.New("smooth", kernel.Spec{Actor: "steady", In: []graph.Port{port}})
	fmt.Println(err)
	// Output:
	// frame 0 [1 0]
	// frame 1 [1.75 2]
	// frame 1 [1.75 2]
	// actor steady (smooth): ports don't suit the kernel: 0 out ports given, it has 1
}
