package input

import (
	"time"

	"github.com/edgeprune/edgeprune/core/quantity"
	"github.com/urfave/cli/v2"
)

// DurationFlag is a flag that takes what a key of a file for a duration takes; see Duration.
func DurationFlag(name, use string, value time.Duration) cli.Flag {
	d := quantity.Duration(value)
	return &cli.GenericFlag{Name: name, Usage: use, Value: &d}
}

// Duration returns the value of a DurationFlag.
func Duration(c *cli.Context, name string) time.Duration {
	if d, ok := c.Generic(name).(*quantity.Duration); ok {
		return time.Duration(*d)
	}
	return 0
}

// BandwidthFlag is a flag that takes what a key of a file for a bandwidth takes; see
// Bandwidth.
func BandwidthFlag(name, use string, value quantity.BytesPerSec) cli.Flag {
	return &cli.GenericFlag{Name: name, Usage: use, Value: &value}
}

// Bandwidth returns the value of a BandwidthFlag.
func Bandwidth(c *cli.Context, name string) quantity.BytesPerSec {
	if b, ok := c.Generic(name).(*quantity.BytesPerSec); ok {
		return *b
	}
	return 0
}
