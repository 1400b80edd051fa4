// Package codectable compares boundary codecs on the tensors of an experiment: bytes,
// speed, error and effect on the results. It may not know how a plan is run.
package codectable

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/codec/codecstat"
	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/quantile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
	"github.com/edgeprune/edgeprune/experiments/internal/quality"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/spec"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
)

// Codecs are the codecs of a table that names none.
var Codecs = []string{
	"none", "fp16", "int8", "int8-channel", "int8-static", "lz4", "zstd", "fp16+lz4", "fp16+zstd", "int8+lz4", "int8+zstd",
	"int8-channel+zstd", "sparse", "sparse+fp16", "sparse+int8", "sparse+fp16+zstd", "sparse+int8+zstd",
}

// Cuts is the number of cuts of a table that names none.
const Cuts = 3

// Row is what a codec does at one cut: sizes, cost, error, effect.
type Row struct {
	PP         int    `json:"pp"`
	Cut        string `json:"cut"`
	Codec      string `json:"codec"`
	PerChannel bool   `json:"per_channel,omitempty"` // of int8-static: scales by channel
	Frames     int64  `json:"frames"`

	RawBytes  int64   `json:"raw_bytes"`  // of a frame
	WireBytes float64 `json:"wire_bytes"` // of a frame, mean
	// Bytes of plain tensors in the median time of a kernel, in 10^9 a second; 0 without codec.
	EncodeGBps float64 `json:"encode_gb_per_s,omitempty"`
	DecodeGBps float64 `json:"decode_gb_per_s,omitempty"`

	MaxError  float64 `json:"max_error"`
	RMS       float64 `json:"rms_error"` // of the tensor with the largest
	Range     float64 `json:"range"`     // largest minus smallest element
	NotFinite int     `json:"not_finite,omitempty"`

	Quality map[string]float64 `json:"quality"` // against the truth; nil where the experiment names none
	// Agreement is that with the results at this cut without codec, 0 to 1; nil where the
	// experiment says of no kind of quality.
	Agreement *float64 `json:"agreement"`
}

// Table compares codecs on the tensors of an experiment.
type Table struct {
	Spec     *spec.Spec
	Models   compile.Models
	Coder    driver.Coder
	Truth    quality.Scorer // nil: of an experiment without quality
	Progress driver.Progress
}

// cutCoding is a cut with what its tensors are without codec.
type cutCoding struct {
	Case        result.Case
	results     []trace.Result
	calibration []codecstat.Coding // from frames that nothing is judged by
}

// Run returns a row for every cut and codec, cuts first. Cuts are named as in a
// mapping, model/cut or cut; none are Cuts spread over the model. Frames count;
// a third as many follow, which only give int8-static its scales.
func (t *Table) Run(ctx context.Context, cuts, codecs []string, frames int64) ([]Row, error) {
	if len(codecs) == 0 {
		codecs = Codecs
	}
	for _, c := range codecs {
		if _, err := codec.Parse(c); err != nil {
			return nil, err
		}
	}
	x, pps, err := t.cuts(cuts)
	if err != nil {
		return nil, err
	}
	var rows []Row
	for i, pp := range pps {
		cut, err := t.uncoded(ctx, x, pp, frames)
		if err != nil {
			return nil, err
		}
		for j, name := range codecs {
			t.Progress.Step("codec "+name+" at "+cut.Case.Label, i*len(codecs)+j+1, len(pps)*len(codecs), 0)
			for _, perChannel := range ways(name, cut.calibration) {
				row, err := t.row(ctx, cut, name, perChannel, frames)
				if err != nil {
					return nil, err
				}
				rows = append(rows, row)
			}
		}
	}
	return rows, nil
}

// ways lists how a codec can be calibrated: false for one scale, true for channels.
func ways(name string, codings []codecstat.Coding) []bool {
	c, err := codec.Parse(name)
	if err != nil || !c.Has(codec.Int8Static) || c.Has(codec.Sparse) {
		return []bool{false}
	}
	for _, t := range codings {
		if len(t.Low) > 1 {
			return []bool{false, true}
		}
	}
	return []bool{false}
}

// Calibrations returns the scales and zero points of the tensors at the cuts, from
// the frames that Run takes them from too.
func (t *Table) Calibrations(ctx context.Context, cuts []string, frames int64, perChannel bool) (
	spec.Calibration, error,
) {
	x, pps, err := t.cuts(cuts)
	if err != nil {
		return nil, err
	}
	all := spec.Calibration{}
	for i, pp := range pps {
		t.Progress.Step("calibrate at "+x.Label(pp), i+1, len(pps), 0)
		cut, err := t.uncoded(ctx, x, pp, frames)
		if err != nil {
			return nil, err
		}
		maps.Copy(all, cut.affine(perChannel))
	}
	return all, nil
}

func (c *cutCoding) affine(perChannel bool) spec.Calibration {
	all := spec.Calibration{}
	for i := range c.calibration {
		if k := &c.calibration[i]; len(k.Low) > 0 {
			all[k.Tensor] = k.Affine(perChannel)
		}
	}
	return all
}

// uncoded runs a cut without codec.
func (t *Table) uncoded(ctx context.Context, x *sweep.Experiment, pp int, frames int64) (*cutCoding, error) {
	c := result.Case{Experiment: t.Spec.Experiment, Endpoint: t.Spec.Endpoints[0].Name, Link: t.Spec.Links[0].Name,
		Label: x.Label(pp), PP: pp, Cut: x.Cut(pp), Codec: codec.None, Slowdown: 1, Instances: 1}
	p, err := x.Plan(c, plan.Workload{Kind: plan.Offline, Frames: frames + max(frames/3, 1)})
	if err != nil {
		return nil, err
	}
	results, codings, err := t.Coder.Coding(ctx, p, frames)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Label, err)
	}
	return &cutCoding{Case: c, results: results[:frames], calibration: codings}, nil
}

// row runs a cut with a codec.
func (t *Table) row(ctx context.Context, cut *cutCoding, name string, perChannel bool, frames int64) (Row, error) {
	changed := *t.Spec
	changed.Calibration = cut.affine(perChannel)
	x, err := sweep.New(&changed, t.Models)
	if err != nil {
		return Row{}, err
	}
	c := cut.Case
	c.Codec = name
	p, err := x.Plan(c, plan.Workload{Kind: plan.Offline, Frames: frames})
	if err != nil {
		return Row{}, err
	}
	results, codings, err := t.Coder.Coding(ctx, p, 0)
	if err != nil {
		return Row{}, fmt.Errorf("%s with %s: %w", c.Label, name, err)
	}
	row := Row{PP: c.PP, Cut: c.Label, Codec: name, PerChannel: perChannel, Frames: frames}
	row.add(codings)
	if t.Truth == nil {
		return row, nil
	}
	if row.Quality, err = t.Truth.Score(results); err != nil {
		return Row{}, err
	}
	agreement, err := quality.Agreement(t.Spec.Quality.Kind, cut.results, results)
	row.Agreement = &agreement
	return row, err
}

// add sums up the tensors of a frame.
func (r *Row) add(codings []codecstat.Coding) {
	var encode, decode time.Duration
	var coded int64
	for i := range codings {
		c := &codings[i]
		r.RawBytes += c.RawBytes()
		r.WireBytes += c.WireBytes()
		if len(c.Encode) > 0 {
			coded += c.RawBytes()
			encode, decode = encode+quantile.Median(c.Encode), decode+quantile.Median(c.Decode)
		}
		r.MaxError, r.RMS, r.NotFinite = max(r.MaxError, c.MaxError), max(r.RMS, c.RMS()), r.NotFinite+c.NotFinite
		if len(c.Low) > 0 {
			r.Range = max(r.Range, float64(slices.Max(c.High))-float64(slices.Min(c.Low)))
		}
	}
	if encode > 0 && decode > 0 {
		r.EncodeGBps, r.DecodeGBps = float64(coded)/float64(encode), float64(coded)/float64(decode)
	}
}

// cuts returns the partition points of the cuts that are named, or of some that are
// spread over the model.
func (t *Table) cuts(names []string) (*sweep.Experiment, []int, error) {
	if t.Spec.Kind() == result.OfMappings {
		return nil, nil, fmt.Errorf("%w: the experiment compares mappings, and sweeps no cuts", ErrCut)
	}
	x, err := sweep.New(t.Spec, t.Models)
	if err != nil {
		return nil, nil, err
	}
	from, to := x.Inside()
	var pps []int
	if len(names) == 0 {
		for k := range Cuts {
			pps = append(pps, from+k*(to-from)/Cuts)
		}
		return x, slices.Compact(pps), nil
	}
	var known []string
	for pp := from; pp < to; pp++ {
		known = append(known, x.Cut(pp))
	}
	for _, name := range names {
		pp := from
		for pp < to && x.Cut(pp) != name && x.Part(pp) != name {
			pp++
		}
		if pp == to {
			return nil, nil, fmt.Errorf("%w: there is no cut %q inside the model; the cuts are %s%s", ErrCut, name,
				strings.Join(known, ", "), nearest.Hint(name, known))
		}
		pps = append(pps, pp)
	}
	return x, pps, nil
}
