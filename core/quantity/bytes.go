package quantity

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Bytes is a number of bytes. It is a flag.Value, and in YAML a number or a text; in JSON it is
// a number.
type Bytes int64

// ParseBytes reads a number of bytes: a whole number alone, or with a unit of ParseBytesPerSec
// without its "/s", such as 64KiB, 1.5MB or 8kbit. A part of a byte is left out. What can't be
// read is an error that wraps ErrUnit and gives examples.
func ParseBytes(s string) (Bytes, error) {
	number, unit := split(s)
	scale, ok := bytesPer(unit)
	v, err := strconv.ParseFloat(number, 64)
	perSecond := strings.HasSuffix(unit, "/s") || strings.HasSuffix(unit, "/sec") || strings.HasSuffix(unit, "ps")
	if v *= scale; err != nil || !ok || perSecond || !(math.Abs(v) < 1<<63) {
		return 0, fmt.Errorf("%w: expected bytes, such as 64KiB, 1.5MB or 65536; found %q", ErrUnit, s)
	}
	return Bytes(v), nil
}

// Set implements flag.Value.
func (b *Bytes) Set(s string) (err error) {
	*b, err = ParseBytes(s)
	return err
}

// String implements flag.Value: the number of bytes.
func (b *Bytes) String() string { return strconv.FormatInt(int64(*b), 10) }

// UnmarshalYAML reads a number or a text.
func (b *Bytes) UnmarshalYAML(decode func(any) error) error {
	var v any
	if err := decode(&v); err != nil {
		return err
	}
	return b.Set(fmt.Sprint(v))
}
