package builtin

import (
	"encoding/binary"
	"fmt"

	"github.com/edgeprune/edgeprune/deploy/kernel"
)

// pass is the kernel "pass": out port p gets the tokens of in port p; of a single
// in port, every out port gets a copy. It takes no parameters.
type pass struct{}

func newPass(s kernel.Spec) (kernel.Kernel, error) {
	if err := s.Parameters().Done(); err != nil {
		return nil, err
	}
	if len(s.In) != len(s.Out) && (len(s.In) != 1 || len(s.Out) == 0) {
		return nil, fmt.Errorf(
			"%w: %d in and %d out ports; expected as many, or one in port",
			kernel.ErrPort,
			len(s.In),
			len(s.Out),
		)
	}
	for i, out := range s.Out {
		if in := s.In[min(i, len(s.In)-1)]; !in.Type.Equal(out.Type) || in.LRL != out.LRL || in.URL != out.URL {
			return nil, fmt.Errorf("%w: in port %s carries %d to %d %s, out port %s %d to %d %s; expected the same",
				kernel.ErrPort, in.Name, in.LRL, in.URL, in.Type, out.Name, out.LRL, out.URL, out.Type)
		}
	}
	return pass{}, nil
}

// Fire copies.
func (pass) Fire(f *kernel.Firing) error {
	for p := range f.Out {
		for i, in := range f.In[min(p, len(f.In)-1)] {
			out := f.Out[p][i]
			out.Len = copy(out.Data, in.Data[:in.Len])
		}
	}
	return nil
}

// Close does nothing.
func (pass) Close() error { return nil }

// count is the kernel "count": every out token starts with the frame number as
// a little-endian int64, cut to the token's size, followed by zeros. It ignores
// what comes in and takes no parameters.
type count struct{}

func newCount(s kernel.Spec) (kernel.Kernel, error) {
	return count{}, s.Parameters().Done()
}

// Fire writes the frame number.
func (count) Fire(f *kernel.Firing) error {
	var number [8]byte
	binary.LittleEndian.PutUint64(number[:], uint64(f.Frame))
	for _, port := range f.Out {
		for _, t := range port {
			clear(t.Data)
			t.Len = len(t.Data)
			if n := copy(t.Data, number[:]); t.Type.Variable() {
				t.Len = n
			}
		}
	}
	return nil
}

// Close does nothing.
func (count) Close() error { return nil }
