package codec

import (
	"fmt"
	"math"

	"github.com/edgeprune/edgeprune/core/graph"
)

// Affine holds the fixed scales and zero points of Int8Static: one of each for a
// tensor, or one for every channel, which the second dimension counts.
type Affine struct {
	Scale     []float32 `yaml:"scale"`
	ZeroPoint []uint8   `yaml:"zero_point"`
}

// MinScale is the smallest scale of the int8 codecs: the smallest normal float32.
const MinScale = 0x1p-126

// Calibrated returns the scale and zero point for values from lo to hi, each as
// the int8 codecs take them for a tensor of that range.
func Calibrated(lo, hi float32) (scale float32, zeroPoint uint8) {
	lo, hi = min(lo, 0), max(hi, 0)
	if lo == hi {
		return 1, 0
	}
	if scale = (hi - lo) / 255; scale > math.MaxFloat32 {
		scale = hi/255 - lo/255 // the difference was too large
	}
	scale = max(scale, MinScale)
	return scale, uint8(math.RoundToEven(float64(min(max(0-lo/scale, 0), 255))))
}

// Check reports an Affine that can't code tensors of type t; sparse says that only
// some of their elements come, without their channels. Errors wrap ErrAffine.
func (a Affine) Check(t graph.TokenType, sparse bool) error {
	n := len(a.Scale)
	switch {
	case n == 0 || len(a.ZeroPoint) != n:
		return fmt.Errorf("%w: %d scales and %d zero points; give one of each, or one for every channel", ErrAffine, n,
			len(a.ZeroPoint))
	case n > 1 && sparse:
		return fmt.Errorf("%w: %d scales, but %s leaves no channels; give one", ErrAffine, n, Sparse)
	case n > 1 && (len(t.Shape) < 3 || t.Shape[1] != int64(n)):
		return fmt.Errorf("%w: %d scales for %s; give one, or one for every channel of a tensor such as float32[1,%d,h,w]",
			ErrAffine, n, t, n)
	}
	for i, s := range a.Scale {
		if !(s >= MinScale && s <= math.MaxFloat32) {
			return fmt.Errorf("%w: scale %g of channel %d; expected a finite number above 0", ErrAffine, s, i)
		}
	}
	return nil
}

// rounding is what float32 arithmetic may add to half a step.
const rounding = 0x1p-14

// MaxError returns the largest absolute error of values from lo to hi.
func (a Affine) MaxError(lo, hi float64) float64 {
	most := 0.0
	for i, s := range a.Scale {
		scale, zero := float64(s), float64(a.ZeroPoint[i])
		beyond := max(hi-(255-zero)*scale, -zero*scale-lo, 0)
		most = max(most, scale*(.5+rounding)+beyond)
	}
	return most
}

// MaxError returns the largest absolute error that the codec makes of elements of
// a tensor whose finite elements all lie between lo and hi; the Affine is that of
// Int8Static, others ignore it. It is 0 for codecs without loss, and infinite where
// there is no bound: with JPEG, and with FP16 from magnitude 65520.
func (c Codec) MaxError(lo, hi float64, a Affine) float64 {
	switch {
	case c.Has(JPEG):
		return math.Inf(1)
	case c.Has(FP16):
		largest := max(math.Abs(lo), math.Abs(hi))
		if largest >= 65520 {
			return math.Inf(1)
		}
		return max(largest*0x1p-11, 0x1p-25)
	case c.Has(Int8), c.Has(Int8Channel): // no channel's range exceeds the tensor's
		scale := max((max(0, hi)-min(0, lo))/255, MinScale)
		return scale * (.5 + rounding)
	case c.Has(Int8Static):
		return a.MaxError(lo, hi)
	}
	return 0
}
