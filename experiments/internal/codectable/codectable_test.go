package codectable

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/codec/codecstat"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/exptest"
	"github.com/edgeprune/edgeprune/experiments/internal/quality"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// coder makes up what codecs do: half the bytes, an error of 0.25, 1 us to encode and
// 2 us to decode 1024 bytes. int8 changes every second result.
type coder struct {
	ran  []string // codec, frames and skipped frames
	fail string
}

func (k *coder) Coding(_ context.Context, p *plan.Plan, skip int64) ([]trace.Result, []codecstat.Coding, error) {
	name := codec.None
	var params map[string]any
	var codings []codecstat.Coding
	for a, w := range p.Work {
		actor := p.Graph.Actors[a]
		if w.Tensor != "" && actor.Kernel == "encode" {
			name, params = actor.Params["codec"].(string), actor.Params
			c := codecstat.Coding{Tensor: w.Tensor, Type: actor.In[0].Type, Frames: 2, SentBytes: actor.In[0].Type.Bytes(),
				Encode: []time.Duration{1000, 1000}, Decode: []time.Duration{2000, 2000}}
			c.Compare([]float32{1, 1}, []float32{1.25, 1})
			codings = append(codings, c)
		}
	}
	k.ran = append(k.ran, fmt.Sprintf("%s %d %d", name, p.Workload.Frames, skip))
	if name == k.fail {
		return nil, nil, errors.New("out of order")
	}
	if s, ok := params["scale"].([]any); ok {
		k.ran[len(k.ran)-1] += fmt.Sprintf(" %d scales from %v", len(s), s[0])
	}
	if codings == nil {
		for f, link := range p.Routes {
			if link >= 0 {
				q := p.Graph.FIFOs[f]
				port := p.Graph.Actors[q.From].Out[q.OutPort]
				c := codecstat.Coding{Tensor: p.Tensor(q.From, q.OutPort), Type: port.Type, Frames: 1, SentBytes: port.Type.Bytes()}
				values := make([]float32, port.Type.Elements())
				values[0] = 255
				c.Observe(values)
				codings = append(codings, c)
			}
		}
	}
	var results []trace.Result
	for n := range p.Workload.Frames {
		best := 1
		if name == codec.Int8 && n%2 == 1 {
			best = 0
		}
		values := make([]float32, 2)
		values[best] = 1
		results = append(results, trace.Result{Frame: n, Values: values})
	}
	return results, codings, nil
}

func table(t *testing.T) (*Table, *coder) {
	t.Helper()
	k := &coder{}
	return &Table{Spec: exptest.Spec(t, "toy"), Models: exptest.Model(t), Coder: k, Truth: quality.Classes{1, 1, 1, 1},
		Progress: &exptest.Progress{}}, k
}

func TestCodecTable(t *testing.T) {
	tab, k := table(t)
	rows, err := tab.Run(t.Context(), []string{"relu0", "net/relu1"}, []string{"none", "int8", "int8-static"}, 4)
	require.NoError(t, err)
	var got []string
	for _, r := range rows {
		got = append(got, fmt.Sprintf(
			"%s %s %v: %d of %d, %.3g and %.3g GB/s, error %g, quality %v, %g", r.Cut, r.Codec, r.PerChannel,
			int(r.WireBytes), r.RawBytes, r.EncodeGBps, r.DecodeGBps, r.MaxError, r.Quality, *r.Agreement))
	}
	var want []string
	for _, cut := range []string{"PP3 relu0", "PP4 relu1"} {
		want = append(want,
			cut+" none false: 1024 of 1024, 0 and 0 GB/s, error 0, quality map[accuracy:1], 1",
			cut+" int8 false: 512 of 1024, 1.02 and 0.512 GB/s, error 0.25, quality map[accuracy:0.5], 0.5",
			cut+" int8-static false: 512 of 1024, 1.02 and 0.512 GB/s, error 0.25, quality map[accuracy:1], 1",
			cut+" int8-static true: 512 of 1024, 1.02 and 0.512 GB/s, error 0.25, quality map[accuracy:1], 1")
	}
	assert.Equal(t, want, got, "got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	// The scales come from frames behind those that are judged.
	ran := []string{"none 5 4", "none 4 0", "int8 4 0", "int8-static 4 0 1 scales from 1",
		"int8-static 4 0 4 scales from 1"}
	assert.Equal(t, append(slices.Clone(ran), ran...), k.ran, "ran")
	assert.Nil(t, tab.Spec.Calibration, "the experiment was changed")
}

func TestCodecTableDefaults(t *testing.T) {
	tab, _ := table(t)
	rows, err := tab.Run(t.Context(), nil, nil, 1)
	require.NoError(t, err)
	cuts, codecs := map[string]bool{}, map[string]bool{}
	for _, r := range rows {
		cuts[r.Cut], codecs[r.Codec] = true, true
	}
	// the toy has two inner cuts
	require.Len(t, cuts, 2, "cuts %v, codecs", cuts)
	assert.Len(t, codecs, len(Codecs), "cuts %v, codecs", cuts)
}

func TestCalibrations(t *testing.T) {
	tab, _ := table(t)
	for perChannel, n := range map[bool]int{false: 1, true: 4} {
		c, err := tab.Calibrations(t.Context(), []string{"relu0"}, 3, perChannel)
		require.NoError(t, err, "%v: %v, %v; want %d scales", perChannel, c, err, n)
		require.Len(t, c, 1, "%v: %v, %v; want %d scales", perChannel, c, err, n)
		require.Len(t, c["net.relu0"].Scale, n, "%v: %v, %v; want %d scales", perChannel, c, err, n)
		assert.Equal(t, float32(1), c["net.relu0"].Scale[0], "%v: %v, %v; want %d scales", perChannel, c, err, n)
	}
}

func TestCodecTableErrors(t *testing.T) {
	tab, k := table(t)
	_, err := tab.Run(t.Context(), []string{"relu9"}, nil, 1)
	require.ErrorIs(t, err, ErrCut, "unknown cut")
	assert.Contains(t, err.Error(), `no cut "relu9" inside the model; the cuts are net/relu0, net/relu1`, "unknown cut")
	_, err = tab.Calibrations(t.Context(), []string{"relu2"}, 1, false)
	assert.ErrorIs(t, err, ErrCut, "the model's end as a cut")
	_, err = tab.Run(t.Context(), nil, []string{"zstd+int8"}, 1)
	assert.ErrorIs(t, err, codec.ErrChain, "bad chain")
	for _, name := range []string{"none", "zstd"} {
		k.fail = name
		_, err := tab.Run(t.Context(), []string{"relu1"}, []string{"zstd"}, 1)
		require.Error(t, err, "a failing run")
		assert.Contains(t, err.Error(), "PP4 relu1", "a failing run")
	}
}
