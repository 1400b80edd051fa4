package leakage

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"

	"github.com/edgeprune/edgeprune/core/draw"
	"github.com/edgeprune/edgeprune/core/leakage"
	"github.com/edgeprune/edgeprune/core/picture"
)

// Side is the width and height, in pixels, of the pictures that are reconstructed: every frame is
// resized to it, whatever its shape.
const Side = 64

// shown are whole frames, kept for JPEG.
const shown = 50

// shownBytes bounds the memory of whole frames.
const shownBytes = 512 << 20

// frames are the samples: the different ones of what the sources show.
type frames struct {
	sample   map[int64]int // by frame; frames that are equal to one before are missing
	of       []int64       // the frame of a sample
	digest   string        // of all that the sources show
	pictures *leakage.Pictures
	whole    []whole // some samples
}

// whole is the whole picture of a sample.
type whole struct {
	sample int
	rgb    *picture.RGB
}

// look runs the sources.
func look(ctx context.Context, r *Request, t *taps) (*frames, error) {
	sources := func(a int) bool { return t.source(a) }
	hashes := make([]hash.Hash, t.frames)
	frame, pictured := t.frame()
	pictures := map[int64]leakage.Picture{}
	fitter := picture.NewFitter(Side, Side, picture.Options{})
	err := r.Tapper.Tap(ctx, t.plan, sources, func(a, port int, n int64, token []byte) error {
		if hashes[n] == nil {
			hashes[n] = sha256.New()
		}
		hashes[n].Write(token)
		if !pictured || a != frame.actor || port != frame.port {
			return nil
		}
		p, err := small(fitter, rgb(frame, token))
		pictures[n] = p
		return err
	})
	if err != nil {
		return nil, err
	}
	for n, p := range r.Pictures[:min(len(r.Pictures), int(t.frames))] {
		if pictures[int64(n)], err = small(fitter, p); err != nil {
			return nil, err
		}
	}
	f := &frames{sample: map[int64]int{}}
	all, known := sha256.New(), map[string]bool{}
	var list []leakage.Picture
	for n, h := range hashes {
		if h == nil {
			return nil, fmt.Errorf("%w: the application has no source that shows frame %d", ErrFrames, n)
		}
		sum := string(h.Sum(nil))
		if known[sum] {
			continue
		}
		known[sum] = true
		all.Write([]byte(sum))
		f.sample[int64(n)] = len(f.of)
		f.of = append(f.of, int64(n))
		if p, ok := pictures[int64(n)]; ok {
			list = append(list, p)
			for _, x := range p.Pixels {
				all.Write([]byte{byte(x)})
			}
		}
	}
	f.digest = hex.EncodeToString(all.Sum(nil))
	if len(f.of) < leakage.Least {
		return nil, fmt.Errorf("%w: of %d frames of the source %d are different; leakage needs at least %d", ErrFrames,
			t.frames, len(f.of), leakage.Least)
	}
	if len(list) == len(f.of) {
		f.pictures, err = leakage.NewPictures(list)
	}
	return f, err
}

// show keeps some whole frames.
func (f *frames) show(ctx context.Context, r *Request, t *taps) error {
	frame, pictured := t.frame()
	n := min(shown, len(f.of))
	if pictured {
		n = max(1, min(n, int(shownBytes/frame.kind.Bytes())))
	}
	wanted := map[int64]int{}
	for _, sample := range drawn(len(f.of), n, r.Seed) {
		wanted[f.of[sample]] = sample
		if len(r.Pictures) > 0 {
			f.whole = append(f.whole, whole{sample, r.Pictures[f.of[sample]]})
		}
	}
	if len(r.Pictures) > 0 || !pictured {
		return nil
	}
	return r.Tapper.Tap(ctx, t.plan, func(a int) bool { return a == frame.actor },
		func(_, port int, n int64, token []byte) error {
			if sample, ok := wanted[n]; ok && port == frame.port {
				p := rgb(frame, slices.Clone(token))
				f.whole = append(f.whole, whole{sample, p})
			}
			return nil
		})
}

// drawn returns some samples in order, drawn by a seed: classes may take turns.
func drawn(of, n int, seed uint64) []int {
	list := indices(of)
	slices.SortFunc(list, func(a, b int) int { return cmp.Compare(draw.Mix(seed, uint64(a)), draw.Mix(seed, uint64(b))) })
	list = list[:n]
	slices.Sort(list)
	return list
}

// rgb is the picture that a token is.
func rgb(t tap, token []byte) *picture.RGB {
	return &picture.RGB{Width: int(t.kind.Shape[1]), Height: int(t.kind.Shape[0]), Pix: token}
}

// small returns a picture resized to Side by Side pixels.
func small(f *picture.Fitter, p *picture.RGB) (leakage.Picture, error) {
	pix := make([]byte, 3*Side*Side)
	if err := f.Into(pix, p); err != nil {
		return leakage.Picture{}, err
	}
	return leakage.Picture{Width: Side, Height: Side, Pixels: floats(nil, byteTensor, pix)}, nil
}
