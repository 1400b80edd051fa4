package keypath

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"time"

	"github.com/edgeprune/edgeprune/core/quantity"
)

// setter reads a text of its own, as a flag.Value does.
type setter interface{ Set(text string) error }

var durationType = reflect.TypeFor[time.Duration]()

// Value is a value of a place's type.
type Value struct {
	of reflect.Value
	// Number is the value as a number, durations in seconds; NaN of one that is no number.
	Number float64
	// Whole says that values between two whole numbers don't exist.
	Whole bool
}

// Parse reads a text as a value of the place. Errors wrap ErrValue and say what is expected.
func (at *Place) Parse(text string) (Value, error) {
	t := at.value.Type()
	if t.Kind() == reflect.Interface {
		return at.parseAny(text)
	}
	v := reflect.New(t)
	wrong := func(what string) (Value, error) {
		return Value{}, fmt.Errorf("%w: %s is %s; found %q", ErrValue, at.path, what, text)
	}
	if t == durationType {
		d, err := quantity.ParseDuration(text)
		if err != nil {
			return Value{}, fmt.Errorf("%w: %s: %w", ErrValue, at.path, err)
		}
		return Value{of: reflect.ValueOf(d), Number: d.Seconds()}, nil
	}
	if s, ok := v.Interface().(setter); ok {
		if err := s.Set(text); err != nil {
			return Value{}, fmt.Errorf("%w: %s: %w", ErrValue, at.path, err)
		}
		return Value{of: v.Elem(), Number: number(v.Elem())}, nil
	}
	e := v.Elem()
	switch {
	case e.CanInt():
		i, err := strconv.ParseInt(text, 10, 64)
		if err != nil || e.OverflowInt(i) {
			return wrong("a whole number such as 10")
		}
		e.SetInt(i)
		return Value{of: e, Number: float64(i), Whole: true}, nil
	case e.CanUint():
		i, err := strconv.ParseUint(text, 10, 64)
		if err != nil || e.OverflowUint(i) {
			return wrong("a whole number from 0 on such as 10")
		}
		e.SetUint(i)
		return Value{of: e, Number: float64(i), Whole: true}, nil
	case e.CanFloat():
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			return wrong("a finite number such as 0.5")
		}
		e.SetFloat(f)
		return Value{of: e, Number: f}, nil
	case e.Kind() == reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return wrong("true or false")
		}
		e.SetBool(b)
		return Value{of: e, Number: math.NaN()}, nil
	case e.Kind() == reflect.String:
		e.SetString(text)
		return Value{of: e, Number: math.NaN()}, nil
	}
	return wrong("a list or a mapping, and a study varies single values; name one in it")
}

// parseAny reads a value of the same kind as the one that is there.
func (at *Place) parseAny(text string) (Value, error) {
	now := at.value.Elem()
	v := Value{Number: math.NaN()}
	switch f, err := strconv.ParseFloat(text, 64); {
	case now.IsValid() && (now.CanInt() || now.CanUint() || now.CanFloat()):
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			return v, fmt.Errorf("%w: %s is a number; found %q", ErrValue, at.path, text)
		}
		v.Number = f
		if whole, err := strconv.ParseUint(text, 10, 64); err == nil { // as the YAML library reads it
			v.of = reflect.ValueOf(whole)
		} else {
			v.of = reflect.ValueOf(f)
		}
	case now.IsValid() && now.Kind() == reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return v, fmt.Errorf("%w: %s is true or false; found %q", ErrValue, at.path, text)
		}
		v.of = reflect.ValueOf(b)
	case now.IsValid() && now.Kind() == reflect.String:
		v.of = reflect.ValueOf(text)
	default:
		return v, fmt.Errorf("%w: %s is a list or a mapping, and a study varies single values; name one in it", ErrValue,
			at.path)
	}
	return v, nil
}

// number returns a value as a number, if it is one.
func number(v reflect.Value) float64 {
	switch {
	case v.CanFloat():
		return v.Float()
	case v.CanInt():
		return float64(v.Int())
	case v.CanUint():
		return float64(v.Uint())
	}
	return math.NaN()
}

// Set changes the data to a value that Parse has returned of this path.
func (at *Place) Set(v Value) {
	if at.in.IsValid() {
		at.in.SetMapIndex(at.key, v.of)
		return
	}
	at.value.Set(v.of)
}

// Text returns the value that is there as it would be written.
func (at *Place) Text() string { return fmt.Sprint(at.value.Interface()) }

// Format returns the text of the value of the place that a number stands for, to six digits.
func (at *Place) Format(number float64) string {
	switch t := at.value.Type(); {
	case t == durationType:
		return time.Duration(math.Round(number * 1e9)).String()
	case reflect.Zero(t).CanInt() || reflect.Zero(t).CanUint():
		return strconv.FormatFloat(math.Round(number), 'f', 0, 64)
	}
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(number, 'g', 6, 64), 64)
	if err != nil || math.Abs(rounded) >= 1e15 {
		return strconv.FormatFloat(number, 'g', 6, 64)
	}
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}

// Unit returns what the numbers of the place are in, "" if that is not known or nothing, and
// whether they are whole.
func (at *Place) Unit() (unit string, whole bool) {
	t := at.value.Type()
	switch {
	case t == durationType:
		return "s", false
	case t == reflect.TypeFor[quantity.BytesPerSec]():
		return "bytes/s", false
	case t == reflect.TypeFor[quantity.Watts]():
		return "W", false
	case t == reflect.TypeFor[quantity.Bytes]():
		return "bytes", true
	}
	zero := reflect.Zero(t)
	return "", zero.CanInt() || zero.CanUint()
}
