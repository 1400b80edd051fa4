package leakage

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"sort"

	"github.com/edgeprune/edgeprune/core/leakage"
	"github.com/edgeprune/edgeprune/core/picture"
)

// qualities are those of JPEG that are tried.
var qualities = []int{1, 2, 3, 5, 8, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 85, 90, 95, 100}

// jpegs are whole frames as JPEG, by quality, as far as it was asked for. Files are those of image/jpeg,
// with 4:2:0 chroma, as codec jpeg makes them.
type jpegs struct {
	frames *frames
	files  map[int][][]byte
	made   map[int]*ceiling
}

// ceiling is what one quality of JPEG comes to.
type ceiling struct {
	PSNR, SSIM leakage.Estimate
	Pictures   []leakage.Picture // of the whole frames
}

func newJPEGs(f *frames) *jpegs {
	return &jpegs{frames: f, files: map[int][][]byte{}, made: map[int]*ceiling{}}
}

// mean returns the mean bytes of the frames in a quality.
func (j *jpegs) mean(quality int) (float64, error) {
	if j.files[quality] == nil {
		for _, w := range j.frames.whole {
			rgba := image.NewRGBA(image.Rect(0, 0, w.rgb.Width, w.rgb.Height))
			picture.ExpandRGB(rgba.Pix, w.rgb.Pix)
			var b bytes.Buffer
			if err := jpeg.Encode(&b, rgba, &jpeg.Options{Quality: quality}); err != nil {
				return 0, fmt.Errorf("leakage: jpeg: %w", err)
			}
			j.files[quality] = append(j.files[quality], b.Bytes())
		}
	}
	total := 0
	for _, f := range j.files[quality] {
		total += len(f)
	}
	return float64(total) / float64(len(j.files[quality])), nil
}

// at returns the highest quality whose files have no more bytes in the mean; 0 if there is none.
func (j *jpegs) at(most float64) (quality int, err error) {
	over := func(i int) bool {
		mean, e := j.mean(qualities[i])
		if e != nil {
			err = e
		}
		return mean > most
	}
	last := len(qualities) - 1
	if !over(last) { // as of most tensors
		return qualities[last], err
	}
	if i := sort.Search(last, over); i > 0 {
		return qualities[i-1], err
	}
	return 0, err
}

// ceiling returns what a quality comes to.
func (j *jpegs) ceiling(quality int) (*ceiling, error) {
	if c := j.made[quality]; c != nil {
		return c, nil
	}
	if _, err := j.mean(quality); err != nil {
		return nil, err
	}
	c := &ceiling{}
	fitter := picture.NewFitter(Side, Side, picture.Options{})
	var of []leakage.Picture
	for i, w := range j.frames.whole {
		img, err := jpeg.Decode(bytes.NewReader(j.files[quality][i]))
		if err != nil {
			return nil, fmt.Errorf("leakage: jpeg: %w", err)
		}
		back := &picture.RGB{Width: w.rgb.Width, Height: w.rgb.Height, Pix: make([]byte, len(w.rgb.Pix))}
		picture.Put(back.Pix, img)
		p, err := small(fitter, back)
		if err != nil {
			return nil, err
		}
		c.Pictures, of = append(c.Pictures, p), append(of, j.frames.pictures.At(w.sample))
	}
	c.PSNR, c.SSIM = leakage.Compare(c.Pictures, of)
	j.made[quality] = c
	return c, nil
}
