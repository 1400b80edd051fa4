package benchmarks

import (
	"math/rand/v2"
	"unsafe"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/ort"
)

// sourceKernel is the source's name in a registry.
const sourceKernel = "bench-source"

// source is a source kernel that lets a rival work between two blocks of frames: in
// a single-stream run it fires when the frame before has left, and nothing else runs
// until it returns. So both meet the same machine, in one run.
type source struct {
	block   int64 // frames that follow each other
	picture []byte
	rival   func(frame int64) error // does what a block does
	close   func() error

	ours, theirs []float64 // ns per block
	released     int64
}

// Fire measures the block that has left and the rival, and begins the next frame.
func (s *source) Fire(f *kernel.Firing) error {
	if f.Frame%s.block == 0 {
		if f.Frame > 0 {
			s.ours = append(s.ours, float64(clock.Now()-s.released))
		}
		start := clock.Now()
		if err := s.rival(f.Frame); err != nil {
			return err
		}
		s.released = clock.Now()
		s.theirs = append(s.theirs, float64(s.released-start))
	}
	copy(f.Out[0][0].Data, s.picture)
	return nil
}

// Close closes the rival.
func (s *source) Close() error { return s.close() }

// noise returns a picture of n float32 values between -1 and 1, always the same.
func noise(n int64) []byte {
	r := rand.New(rand.NewPCG(1, uint64(n)))
	b := ort.AlignedBytes(int(4 * n))
	for i := range n {
		*(*float32)(unsafe.Pointer(&b[4*i])) = 2*r.Float32() - 1
	}
	return b
}

// session is an ONNX Runtime session with tensors of its own.
type session struct {
	*ort.Session
	in, out []*ort.Tensor
}

// newSession loads a model with the settings of the plans' units and runs it once.
func newSession(model []byte) (*session, error) {
	s, err := ort.NewSession(model, ort.Options{Threads: 1})
	if err != nil {
		return nil, err
	}
	x := &session{Session: s}
	tensors := func(infos []ort.Info) (all []*ort.Tensor) {
		for _, i := range infos {
			n := int64(4)
			for _, d := range i.Shape {
				n *= d
			}
			t, bad := ort.NewTensor(onnx.Float32, i.Shape, ort.AlignedBytes(int(n)))
			if bad != nil {
				err = bad
				continue
			}
			all = append(all, t)
		}
		return all
	}
	x.in, x.out = tensors(s.Inputs()), tensors(s.Outputs())
	if err == nil {
		err = x.run()
	}
	if err != nil {
		_ = x.Close() // the first error counts
		return nil, err
	}
	return x, nil
}

func (s *session) run() error { return s.Run(s.in, s.out) }
