package picture

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/edgeprune/edgeprune/core/nearest"
)

// MaxPixels is the greatest number of pixels of a picture if Options give no other.
const MaxPixels = 100_000_000

// Color is red, green and blue.
type Color [3]uint8

// Fit is how a picture gets another size.
type Fit string

// The fits; the zero value is Stretch.
const (
	Stretch   Fit = "stretch"
	Letterbox Fit = "letterbox"
	Crop      Fit = "crop"
	Exact     Fit = "exact"
)

// Options are what may be set of the rule. The zero value is the default.
type Options struct {
	Stored     bool   // orientation: as stored
	Background *Color // nil: white
	MaxPixels  int64  // 0: MaxPixels
	Fit        Fit    // "": Stretch
}

// Keys are the names that Set knows.
func Keys() []string { return []string{"background", "fit", "max_pixels", "orientation"} }

// Set sets an option by its name, as in plans and on the command line: background (white,
// black, grey or #rrggbb), fit (stretch, letterbox, crop, exact), max_pixels (a number of at
// least 1) and orientation (exif, stored). What is none of these is ErrOption.
func (o *Options) Set(key, value string) error {
	switch key {
	case "background":
		c, err := parseColor(value)
		o.Background = &c
		return err
	case "fit":
		switch f := Fit(value); f {
		case Stretch, Letterbox, Crop, Exact:
			o.Fit = f
			return nil
		}
		return fmt.Errorf("%w: fit is %s; expected stretch, letterbox, crop or exact%s", ErrOption, value,
			nearest.Hint(value, []Fit{Stretch, Letterbox, Crop, Exact}))
	case "max_pixels":
		n, err := strconv.ParseFloat(value, 64)
		if err != nil || !(n >= 1 && n <= 1<<40) {
			return fmt.Errorf("%w: max_pixels is %s; expected a number from 1 to 2^40", ErrOption, value)
		}
		o.MaxPixels = int64(n)
		return nil
	case "orientation":
		if value != "exif" && value != "stored" {
			return fmt.Errorf("%w: orientation is %s; expected exif or stored", ErrOption, value)
		}
		o.Stored = value == "stored"
		return nil
	}
	return fmt.Errorf("%w: %q is not known; known are %s%s", ErrOption, key, strings.Join(Keys(), ", "),
		nearest.Hint(key, Keys()))
}

func parseColor(s string) (Color, error) {
	switch s {
	case "white":
		return Color{255, 255, 255}, nil
	case "black":
		return Color{}, nil
	case "grey", "gray":
		return Color{128, 128, 128}, nil
	}
	if digits, ok := strings.CutPrefix(s, "#"); ok && len(digits) == 6 {
		if b, err := hex.DecodeString(digits); err == nil {
			return Color(b), nil
		}
	}
	return Color{}, fmt.Errorf("%w: background is %s; expected white, black, grey or #rrggbb%s", ErrOption, s,
		nearest.Hint(s, []string{"white", "black", "grey"}))
}

func (o Options) background() Color {
	if o.Background == nil {
		return Color{255, 255, 255}
	}
	return *o.Background
}

func (o Options) maxPixels() int64 {
	if o.MaxPixels == 0 {
		return MaxPixels
	}
	return o.MaxPixels
}
