package leakage_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
	"github.com/edgeprune/edgeprune/experiments/internal/leakage"
	"github.com/stretchr/testify/require"
)

const side = 32

// tapper makes the tokens of actors by their names, of pictures that it draws.
type tapper struct {
	pictures [][]byte
	fired    map[string]int
	broken   bool // zstd loses something
	rare     bool // actor mean gives nothing in every second frame
}

func newTapper(n int) *tapper {
	rng := rand.New(rand.NewPCG(1, 1))
	var basis [8][]float64
	for b := range basis {
		cx, cy, s := rng.Float64()*side, rng.Float64()*side, 3+5*rng.Float64()
		for i := range side * side {
			dx, dy := float64(i%side)-cx, float64(i/side)-cy
			for c := range 3 {
				basis[b] = append(basis[b], math.Exp(-(dx*dx+dy*dy)/(2*s*s))*float64((b+c)%3+1)/3)
			}
		}
	}
	t := &tapper{fired: map[string]int{}}
	for range n {
		p := make([]float64, 3*side*side)
		for b := range basis {
			a := 120 * rng.Float64()
			for i := range p {
				p[i] += a * basis[b][i]
			}
		}
		pix := make([]byte, len(p))
		for i, x := range p {
			pix[i] = byte(min(x, 255))
		}
		t.pictures = append(t.pictures, pix)
	}
	return t
}

func (t *tapper) Tap(ctx context.Context, p *plan.Plan, include func(int) bool,
	see func(actor, port int, frame int64, token []byte) error,
) error {
	for n := range p.Workload.Frames {
		for a := range p.Graph.Actors {
			name := p.Graph.Actors[a].Name
			if len(p.Graph.Actors[a].Out) == 0 || include != nil && !include(a) {
				continue
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			t.fired[name]++
			if t.rare && name == "mean" && n%2 == 1 {
				continue
			}
			if err := see(a, 0, n, t.token(name, n)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *tapper) token(name string, n int64) []byte {
	pix := t.pictures[n%int64(len(t.pictures))]
	if name == "camera" {
		return pix
	}
	values := make([]float32, len(pix))
	rng := rand.New(rand.NewPCG(9, uint64(n)))
	mean := float32(0)
	for i, x := range pix {
		v := float32(x)/127.5 - 1
		mean += v / float32(len(pix))
		switch name {
		case "same":
			values[i] = v
		case "convolved": // by a filter that can be undone
			values[i] = 2 * v
			if i >= 3 {
				values[i] += 0.5 * (float32(pix[i-3])/127.5 - 1)
			}
		case "noise":
			values[i] = float32(rng.NormFloat64())
		case "constant":
			values[i] = 3
		case "infinite":
			values[i] = float32(math.Inf(1))
		}
	}
	if name == "mean" {
		values = []float32{mean}
	}
	var b []byte
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

// crossing is a codec that rounds to n bits, of which all but none are left out.
type crossing struct {
	bits   int
	broken bool
}

func (t *tapper) Crossing(name string, _ graph.TokenType, _ codec.Affine) (driver.Crossing, error) {
	return crossing{map[string]int{"fp16": 13, "int8": 19}[name], t.broken && name == "zstd"}, nil
}

func (c crossing) Cross(token []byte) ([]byte, int64, error) {
	out := append([]byte(nil), token...)
	if c.broken {
		out[0]++
	}
	if c.bits == 0 {
		return out, int64(len(token)), nil
	}
	for i := 0; i+4 <= len(out); i += 4 {
		v := binary.LittleEndian.Uint32(out[i:])
		binary.LittleEndian.PutUint32(out[i:], v>>c.bits<<c.bits)
	}
	return out, int64(len(token) * (32 - c.bits) / 32), nil
}

func (crossing) Close() error { return nil }

// quiet is progress that nobody follows.
type quiet struct{ step func() }

func (q quiet) Step(string, int, int, time.Duration) {
	if q.step != nil {
		q.step()
	}
}
func (quiet) Logf(string, ...any) {}

// request asks what actors between a camera and a sink give away.
func request(t testing.TB, tap *tapper, samples int, actors ...string) leakage.Request {
	t.Helper()
	yaml := fmt.Sprintf("plan: planted\napplication:\n  name: planted\n  actors:\n    - {name: camera, kernel: images, "+
		"out: [{port: frame, type: \"uint8[%d,%d,3]\"}]}\n", side, side)
	fifos, last := "", "camera.frame"
	for _, name := range actors {
		kind := fmt.Sprintf("float32[1,3,%d,%d]", side, side)
		if name == "mean" {
			kind = "float32[1,1]"
		}
		yaml += fmt.Sprintf("    - {name: %s, kernel: k, in: [{port: in}], out: [{port: out, type: %q}]}\n", name, kind)
		fifos += fmt.Sprintf("    - {from: %s, to: %s.in}\n", last, name)
		last = name + ".out"
	}
	yaml += "    - {name: sink, kernel: sink, in: [{port: in}]}\n  fifos:\n" + fifos +
		fmt.Sprintf("    - {from: %s, to: sink.in}\n", last)
	f, err := planfile.Parse("planted.yaml", []byte(yaml))
	require.NoError(t, err)
	return leakage.Request{File: f, Tapper: tap, Samples: samples, Seed: 3, Detail: leakage.Everything}
}
