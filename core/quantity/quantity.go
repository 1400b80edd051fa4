// Package quantity reads numbers with units, in one way for the keys of files and for the
// flags of commands. It may not know what they are for.
package quantity

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// BytesPerSec is a bandwidth in bytes per second. It is a flag.Value, and in YAML a
// number or a text; in JSON it is a number.
type BytesPerSec float64

// ParseBytesPerSec reads a bandwidth: a number alone is bytes per second, else a unit
// follows, with or without a blank. B and byte are bytes, b and bit are bits, of which a
// byte has 8; k, M, G and T are powers of 1000, Ki, Mi, Gi and Ti of 1024; "/s" may be
// "ps" or left out. So 12.5MB/s, 100Mbit/s, 100Mbit, 100Mbps and 12500000 are the same.
// What can't be read is an error that wraps ErrUnit and gives examples.
func ParseBytesPerSec(s string) (BytesPerSec, error) {
	number, unit := split(s)
	scale, ok := bytesPer(unit)
	v, err := strconv.ParseFloat(number, 64)
	if err != nil || !ok || math.IsInf(v*scale, 0) {
		return 0, fmt.Errorf("%w: expected bytes or bits per second, such as 12.5MB/s, 12.5MiB/s, 100Mbit/s or "+
			"12500000, which is in bytes; found %q", ErrUnit, s)
	}
	return BytesPerSec(v * scale), nil
}

// bytesPer returns how many bytes per second a unit of bandwidth is.
func bytesPer(unit string) (scale float64, ok bool) {
	if unit == "" {
		return 1, true
	}
	for _, second := range []string{"/sec", "/s", "ps"} {
		if rest, cut := strings.CutSuffix(unit, second); cut {
			unit = rest
			break
		}
	}
	scale, named := 0, false
	for _, base := range []string{"bits", "bit", "bytes", "byte"} {
		if n := len(unit) - len(base); n >= 0 && strings.EqualFold(unit[n:], base) {
			unit, scale, named = unit[:n], 1, true
			if strings.HasPrefix(base, "bit") {
				scale = 1. / 8
			}
			break
		}
	}
	if !named {
		switch {
		case strings.HasSuffix(unit, "B"):
			scale = 1
		case strings.HasSuffix(unit, "b"):
			scale = 1. / 8
		default:
			return 0, false
		}
		unit = unit[:len(unit)-1]
	}
	if unit == "" {
		return scale, true
	}
	base := 1000.
	prefix, binary := strings.CutSuffix(unit, "i")
	if binary {
		base = 1024
	}
	if named { // a small m beside b or B may mean bits or bytes
		prefix = strings.ToUpper(prefix)
	}
	power := map[string]float64{"k": 1, "K": 1, "M": 2, "G": 3, "T": 4}[prefix]
	return scale * math.Pow(base, power), power > 0
}

// split parts a number from the unit after it.
func split(s string) (number, unit string) {
	s = strings.TrimSpace(s)
	i := strings.LastIndexAny(s, "0123456789.") + 1
	return s[:i], strings.TrimSpace(s[i:])
}

// Set implements flag.Value.
func (b *BytesPerSec) Set(s string) (err error) {
	*b, err = ParseBytesPerSec(s)
	return err
}

// String implements flag.Value: the number of bytes per second.
func (b *BytesPerSec) String() string {
	if v := float64(*b); math.Abs(v) < 1e15 {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return strconv.FormatFloat(float64(*b), 'g', -1, 64)
}

// UnmarshalYAML reads a number or a text.
func (b *BytesPerSec) UnmarshalYAML(decode func(any) error) error {
	var v any
	if err := decode(&v); err != nil {
		return err
	}
	return b.Set(fmt.Sprint(v))
}

// Duration is a time.Duration as a flag.Value.
type Duration time.Duration

// ParseDuration reads a duration as time.ParseDuration does; one blank may stand between
// a number and its unit. What can't be read is an error that wraps ErrUnit and gives
// examples.
func ParseDuration(s string) (time.Duration, error) {
	text := strings.TrimSpace(s)
	number, unit := split(text)
	_, err := strconv.ParseFloat(number, 64)
	if err == nil {
		text = number + unit
	}
	d, parsed := time.ParseDuration(text)
	switch {
	case parsed == nil:
		return d, nil
	case err == nil && unit == "":
		return 0, fmt.Errorf("%w: expected a duration with its unit, such as %[2]sms, %[2]ss or %[2]sus; found %[3]q",
			ErrUnit, number, s)
	}
	return 0, fmt.Errorf("%w: expected a duration such as 5ms, 1.5s or 1m30s, in ns, us, ms, s, m and h; found %q",
		ErrUnit, s)
}

// Set implements flag.Value.
func (d *Duration) Set(s string) error {
	v, err := ParseDuration(s)
	*d = Duration(v)
	return err
}

// String implements flag.Value.
func (d *Duration) String() string { return time.Duration(*d).String() }
