package modelcmd

import (
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/picture"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/urfave/cli/v2"
)

// InputFlags give the inputs that a model is run on.
func InputFlags() []cli.Flag {
	return []cli.Flag{
		&cli.GenericFlag{Name: "input", Value: &input.List{}, Usage: "`NAME=FILE` for the input NAME, or FILE where it is " +
			"clear for which: a picture, .npy, .npz, .pb, lines of text for strings, else the raw elements; or a folder " +
			"test_data_set_N for all; may be repeated, with one picture for all of a batch or one each. Inputs that none is " +
			"given for are made up"},
		&cli.StringSliceFlag{Name: "picture", Usage: "`KEY=VALUE` of how pictures become elements, (v - mean) / scale of v " +
			"from 0 to 255: mean and scale, one number or three as 123.7/116.3/103.5, by default 127.5 both for floats, so " +
			"that they go from -1 to 1; order (rgb, bgr); fit (stretch, letterbox, crop, exact); background (white, black, " +
			"grey, #rrggbb); orientation (exif, stored); max_pixels; may be repeated"},
		&cli.BoolFlag{Name: "reshape", Usage: "take a tensor of another shape with as many elements, as they come"},
	}
}

// Conversion reads the flags --picture.
func Conversion(c *cli.Context) (picture.Conversion, error) {
	conversion, err := picture.ParseConversion(c.StringSlice("picture"))
	if err != nil {
		return conversion, input.Error(fmt.Errorf("--picture: %w", err))
	}
	return conversion, nil
}

// Inputs reads the flags --input; "random", as which they are made up anyway, is none.
func Inputs(c *cli.Context) []string {
	list, ok := c.Generic("input").(*input.List)
	if !ok {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(*list), func(s string) bool { return s == "random" })
}
