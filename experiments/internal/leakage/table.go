package leakage

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/leakage"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
)

// Row is what one cut gives away under one codec. What was not asked for, or can't be said, is nil.
type Row struct {
	Cut     string   `json:"cut"`
	PP      int      `json:"pp,omitempty"`
	Tensors []string `json:"tensors"`
	Codec   string   `json:"codec"`
	Bytes   float64  `json:"bytes"` // of a sample on the link, mean
	Samples int      `json:"samples"`
	Seed    uint64   `json:"seed"`
	// Dependence is the bias-corrected distance correlation with the input.
	Dependence *leakage.Estimate `json:"dependence"`
	// PSNR, in dB, and SSIM are of the held-out reconstruction by the linear decoder.
	PSNR *leakage.Estimate `json:"psnr_db,omitempty"`
	SSIM *leakage.Estimate `json:"ssim,omitempty"`
	// FloorPSNR and FloorSSIM are of the mean of the other pictures.
	FloorPSNR *leakage.Estimate `json:"floor_psnr_db,omitempty"`
	FloorSSIM *leakage.Estimate `json:"floor_ssim,omitempty"`
	// CeilingPSNR and CeilingSSIM are of JPEG in CeilingQuality, the highest whose files have no
	// more bytes; CeilingNote says where there is none, or where there is no higher one.
	CeilingPSNR    *leakage.Estimate `json:"ceiling_psnr_db,omitempty"`
	CeilingSSIM    *leakage.Estimate `json:"ceiling_ssim,omitempty"`
	CeilingQuality int               `json:"ceiling_jpeg_quality,omitempty"`
	CeilingNote    string            `json:"ceiling_note,omitempty"`
	// Radius is that of classes; see core/leakage.
	Radius *float64 `json:"class_radius,omitempty"`
	Failed string   `json:"failed,omitempty"` // why nothing can be said
}

// Table is what an application gives away.
type Table struct {
	Application string   `json:"application"`
	Rule        string   `json:"rule"`
	Frames      int      `json:"frames"`  // that the sources were asked for
	Samples     int      `json:"samples"` // that differ
	Seed        uint64   `json:"seed"`
	Side        int      `json:"picture_side"` // of reconstructed pictures, in pixels
	Input       []string `json:"input"`        // the tensors of the sources
	Notes       []string `json:"notes,omitempty"`
	Cuts        []Cut    `json:"-"` // of the rows
	Rows        []Row    `json:"rows"`

	request *Request
	taps    *taps
	frames  *frames
	kept    *kept
	input   *leakage.Samples
	floor   *leakage.Reconstruction
	jpegs   *jpegs
	same    map[string]Row // by what arrives

	mu    sync.Mutex
	known map[string]float64
}

// Of answers a request. Errors of what the user gave wrap ErrCut, ErrFrames or those of codecs
// and plans. When ctx ends, what was gathered by then is in the cache.
func Of(ctx context.Context, r Request, progress driver.Progress) (*Table, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	t, err := expand(&r, int64(r.Samples), every)
	if err != nil {
		return nil, err
	}
	progress.Step("frames", 1, r.Samples, 0)
	f, err := look(ctx, &r, t)
	if err != nil {
		return nil, err
	}
	k, err := open(&r, t, f)
	if err != nil {
		return nil, err
	}
	x := &Table{Application: r.File.Application.Name, Rule: leakage.Rule, Frames: r.Samples, Samples: len(f.of),
		Seed: r.Seed, Side: Side, Input: t.input(), Rows: []Row{}, request: &r, taps: t, frames: f, kept: k,
		same: map[string]Row{}, known: map[string]float64{}}
	if x.Samples < x.Frames {
		x.Notes = append(x.Notes, fmt.Sprintf("of %d frames of the source %d are different, which are the samples", x.Frames,
			x.Samples))
	}
	g := &gatherer{r: &r, taps: t, frames: f, kept: k, projection: leakage.NewProjection(r.Seed), progress: progress}
	cuts := r.Cuts
	if cuts == nil {
		cuts = t.cuts()
	}
	x.Cuts = cuts
	if err := g.gather(ctx, x.Input, []string{codec.None}); err != nil {
		return nil, err
	}
	if x.input, err = x.samples(x.Input, codec.None); err != nil {
		return nil, err
	}
	if err := g.gather(ctx, tensorsOf(cuts), r.Codecs); err != nil {
		return nil, err
	}
	if r.Detail == TensorsOnly {
		return x, nil
	}
	return x, x.fill(ctx, &r, cuts, progress)
}

func tensorsOf(cuts []Cut) []string {
	var list []string
	for _, c := range cuts {
		list = append(list, c.Tensors...)
	}
	return list
}

// Tensors lists the tensors of the application that anything is known of.
func (x *Table) Tensors() []string {
	var list []string
	for i := range x.taps.list {
		if _, err := x.samples([]string{x.taps.list[i].name}, codec.None); err == nil {
			list = append(list, x.taps.list[i].name)
		}
	}
	return list
}

// samples returns what arrives of tensors, together.
func (x *Table) samples(tensors []string, codecName string) (*leakage.Samples, error) {
	var sets []*leakage.Samples
	for _, name := range tensors {
		at, ok := x.taps.byName[name]
		if !ok {
			return nil, fmt.Errorf("%w: the application makes no tensor %s", ErrCut, name)
		}
		arrived := key(name, arrives(codecName, x.taps.list[at].kind))
		s := x.kept.Samples[arrived]
		if s == nil {
			for _, why := range []string{x.kept.Failed[name], x.kept.Failed[arrived]} {
				if why != "" {
					return nil, fmt.Errorf("%w: %s", leakage.ErrSamples, why)
				}
			}
			return nil, fmt.Errorf("%w: tensor %s was not asked for with codec %s", ErrCut, name, codecName)
		}
		sets = append(sets, s)
	}
	if len(sets) == 1 {
		return sets[0], nil
	}
	return leakage.Join(sets...)
}

// Dependence returns the bias-corrected distance correlation of the input with tensors that
// cross together, each once, under a codec; 0 of no tensor. It is false where a tensor, or the
// codec, is none that Of was asked for, or nothing can be said of it. It is safe for concurrent use.
func (x *Table) Dependence(tensors []string, codecName string) (float64, bool) {
	if len(tensors) == 0 {
		return 0, true
	}
	tensors = slices.Compact(slices.Sorted(slices.Values(tensors)))
	id := key(append([]string{codecName}, tensors...)...)
	x.mu.Lock()
	defer x.mu.Unlock()
	if v, ok := x.known[id]; ok {
		return v, true
	}
	s, err := x.samples(tensors, codecName)
	if err != nil {
		return 0, false
	}
	v, err := leakage.Correlation(s, x.input)
	if err != nil {
		return 0, false
	}
	x.known[id] = v
	return v, true
}

// Row returns that of a cut and a codec, or where the codec codes nothing of the cut that of the first
// codec; nil if there is none.
func (x *Table) Row(c Cut, codecName string) *Row {
	for i := range x.Rows {
		r := &x.Rows[i]
		if r.Cut == c.Name && slices.Equal(r.Tensors, c.Tensors) && (r.Codec == codecName || !x.coded(c, codecName)) {
			return r
		}
	}
	return nil
}

// title names a cut in progress.
func (c Cut) title() string {
	if c.PP > 0 {
		return fmt.Sprintf("PP%d %s", c.PP, c.Name[strings.Index(c.Name, "/")+1:])
	}
	return c.Name
}
