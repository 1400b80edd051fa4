package benchmarks

import (
	"fmt"
	"runtime"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/quantile"
	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/ort"
)

// measure adds a pass: rounds in which nothing comes first more often than the rest, on
// sessions that are loaded for it.
func (c *measured) measure(m *onnx.Model, whole []byte) error {
	head, tail, err := c.parts(m)
	if err != nil {
		return err
	}
	var lines [3]*line
	for i, models := range [][][]byte{{whole}, {head, tail}, {whole}} {
		if lines[i], err = newLine(m, models); err != nil {
			return err
		}
		defer lines[i].close()
	}
	runtime.LockOSThread() // on which all is computed
	defer runtime.UnlockOSThread()
	var halves, again, clocked [cutsRounds]float64
	for round := range cutsRounds {
		var ns, wall [3]float64
		for i := range lines {
			at := (i + round) % len(lines)
			start, begin := clock.ThreadCPU(), clock.Now()
			if err := lines[at].run(); err != nil {
				return err
			}
			ns[at], wall[at] = float64(clock.ThreadCPU()-start), float64(clock.Now()-begin)
		}
		halves[round], again[round] = 2*ns[1]/(ns[0]+ns[2]), ns[2]/ns[0]
		clocked[round] = 2 * wall[1] / (wall[0] + wall[2])
	}
	c.halves, c.whole = append(c.halves, quantile.Median(halves[:])), append(c.whole, quantile.Median(again[:]))
	c.wall = append(c.wall, quantile.Median(clocked[:]))
	return nil
}

// parts returns the two models that the cut leaves.
func (c *measured) parts(m *onnx.Model) (head, tail []byte, err error) {
	if head, err = cut.Extract(m, cut.Cut{Tensors: m.Inputs()}, c.Cut); err != nil {
		return nil, nil, err
	}
	tail, err = cut.Extract(m, c.Cut, cut.Cut{Tensors: m.Outputs()})
	return head, tail, err
}

// line is models that run one after the other; each takes the tensors that those before
// made, where they are.
type line struct {
	sessions []*ort.Session
	in, out  [][]*ort.Tensor
	own      map[string]*ort.Tensor
}

// newLine loads the parts of m and runs them once.
func newLine(m *onnx.Model, parts [][]byte) (*line, error) {
	l := &line{own: map[string]*ort.Tensor{}}
	for _, t := range m.Inputs() {
		x, err := ort.NewTensor(t.Elem, t.Shape, noise(t.Elements()))
		if err != nil {
			return nil, err
		}
		l.own[t.Name] = x
	}
	for _, part := range parts {
		s, err := ort.NewSession(part, ort.Options{Threads: 1, Shared: true}) // as kernels do
		if err != nil {
			return nil, err
		}
		l.sessions = append(l.sessions, s)
		var in []*ort.Tensor
		for _, i := range s.Inputs() {
			if l.own[i.Name] == nil {
				return nil, fmt.Errorf("nothing makes input %s", i.Name)
			}
			in = append(in, l.own[i.Name])
		}
		out, err := s.RunAlloc(in, nil)
		if err != nil {
			return nil, err
		}
		for i, o := range s.Outputs() {
			l.own[o.Name] = out[i]
		}
		l.in, l.out = append(l.in, in), append(l.out, out)
	}
	for _, t := range m.Outputs() {
		if l.own[t.Name] == nil {
			return nil, fmt.Errorf("nothing makes output %s", t.Name)
		}
	}
	return l, nil
}

func (l *line) run() error {
	for i, s := range l.sessions {
		if err := s.Run(l.in[i], l.out[i]); err != nil {
			return err
		}
	}
	return nil
}

func (l *line) close() {
	for _, s := range l.sessions {
		_ = s.Close() // what was measured stands
	}
	for _, t := range l.own {
		_ = t.Close() // as above
	}
}
