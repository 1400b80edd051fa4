package faceclip

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/draw"
	_ "image/jpeg" // the photograph's format
	"image/png"
	"io"
	"os"
	"path/filepath"
)

// Version names the clips that Write generates.
const Version = "1"

// The clips' size and the seed of their motion.
const (
	Side = 300 // pixels, width and height of a frame
	FPS  = 15
	Seed = 20220428
)

// Clip says what the camera does.
type Clip struct {
	Frames     int
	NoiseSigma float64 // standard deviation of the sensor's noise, of 255, drawn for every value
	pauses     bool
}

// Moving is the clip in which the camera always moves.
func Moving() Clip { return Clip{Frames: 90} }

// Pausing is the clip in which the camera moves along the same path, but stands
// still again and again, and sees with some noise.
func Pausing() Clip { return Clip{Frames: 120, NoiseSigma: 2, pauses: true} }

const (
	reduction = 4  // pixels of the photograph, per side, that one pixel of a frame averages
	subPixels = 16 // positions of the window per pixel
)

// ErrPhotograph: the picture can not be read or is too small.
var ErrPhotograph = errors.New("faceclip: bad photograph")

// window is the position of a frame's top-left corner in the reduced
// photograph, in 1/subPixels pixels.
type window struct{ x, y int }

// FrameName returns the file name of a frame.
func FrameName(index int) string { return fmt.Sprintf("frame_%04d.png", index) }

// Write generates the clip from the photograph (sample5.jpg, 1920 x 1398) into
// dir: the frames as PNG files and TruthFile. The same photograph gives the same pixels.
func (c Clip) Write(ctx context.Context, photograph io.Reader, dir string) error {
	picture, _, err := image.Decode(photograph)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrPhotograph, err)
	}
	small := reduce(picture)
	spare := small.Bounds().Size().Sub(image.Pt(Side, Side))
	if spare.X < 1 || spare.Y < 1 {
		return fmt.Errorf("%w: %v, the clip needs more than %d x %d", ErrPhotograph, picture.Bounds(), reduction*Side,
			reduction*Side)
	}
	windows := c.windows(spare)
	for i, w := range windows {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := writePNG(filepath.Join(dir, FrameName(i)), c.noisy(w.frame(small), i)); err != nil {
			return fmt.Errorf("faceclip: %w", err)
		}
	}
	truth, err := json.MarshalIndent(truthOf(windows), "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, TruthFile), truth, 0o644)
}

// reduce averages squares of reduction x reduction pixels. What is left over at
// the right and the bottom is dropped.
func reduce(picture image.Image) *image.RGBA {
	b := picture.Bounds()
	full := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(full, full.Rect, picture, b.Min, draw.Src)
	out := image.NewRGBA(image.Rect(0, 0, b.Dx()/reduction, b.Dy()/reduction))
	for i := range out.Pix {
		x, y, channel := i%out.Stride/4, i/out.Stride, i%4
		sum := reduction * reduction / 2 // rounds
		for p := range reduction * reduction {
			sum += int(full.Pix[full.PixOffset(x*reduction+p%reduction, y*reduction+p/reduction)+channel])
		}
		out.Pix[i] = uint8(sum / (reduction * reduction))
	}
	return out
}

// frame cuts the window out of the reduced photograph, bilinear between its
// pixels.
func (w window) frame(small *image.RGBA) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, Side, Side))
	fx, fy := w.x%subPixels, w.y%subPixels
	for y := range Side {
		for x := range Side {
			at := small.PixOffset(w.x/subPixels+x, w.y/subPixels+y)
			to := out.PixOffset(x, y)
			for c := range 4 {
				right, below := at+c+4, at+c+small.Stride
				top := int(small.Pix[at+c])*(subPixels-fx) + int(small.Pix[right])*fx
				bottom := int(small.Pix[below])*(subPixels-fx) + int(small.Pix[below+4])*fx
				out.Pix[to+c] = uint8((top*(subPixels-fy) + bottom*fy + subPixels*subPixels/2) / (subPixels * subPixels))
			}
		}
	}
	return out
}

func writePNG(path string, picture image.Image) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	err = errors.Join(encoder.Encode(w, picture), w.Flush())
	return errors.Join(err, f.Close())
}
