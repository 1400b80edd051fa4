package leakage

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/codec/codecstat"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/leakage"
	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
)

// arrives names what arrives of a tensor: codecs of the same name only differ in bytes.
func arrives(name string, t graph.TokenType) string {
	if !compile.Codes(name, t) {
		return codec.None // it crosses as it is
	}
	c, err := codec.Parse(name)
	if err != nil {
		return name
	}
	for _, stage := range []string{codec.FP16, codec.Int8, codec.Int8Channel, codec.Int8Static, codec.JPEG} {
		if c.Has(stage) {
			return stage
		}
	}
	return codec.None
}

// channel is a tensor on its way across several codecs.
type channel struct {
	tap    tap
	ways   []*way
	seen   int // samples
	values []float32
	failed error // of the tensor, whatever the codec
}

// way is one codec.
type way struct {
	codec    string
	arrives  string
	crossing driver.Crossing
	sent     int64
	// sketch takes what arrives; nil: a way before it has the same, or it is known already.
	sketch  *leakage.Sketch
	arrived []byte // of this sample, if another way must give the same
	shared  bool   // another way must
	failed  error
}

// open makes the boundaries.
func (c *channel) open(t driver.Tapper, calibration map[string]codec.Affine) error {
	for _, w := range c.ways {
		name := w.codec
		if !compile.Codes(name, c.tap.kind) {
			name = codec.None
		}
		var err error
		if w.crossing, err = t.Crossing(name, c.tap.kind, calibration[c.tap.name]); err != nil {
			return fmt.Errorf("tensor %s with %s: %w", c.tap.name, w.codec, err)
		}
	}
	return nil
}

func (c *channel) close() error {
	var errs []error
	for _, w := range c.ways {
		if w.crossing != nil {
			errs = append(errs, w.crossing.Close())
			w.crossing = nil
		}
	}
	return errors.Join(errs...)
}

// take has a token cross by every codec.
func (c *channel) take(sample int, token []byte) error {
	if c.tap.kind.Variable() {
		c.failed = fmt.Errorf("tensor %s is %s, whose length depends on the data", c.tap.name, c.tap.kind)
		return nil
	}
	c.seen++
	for i, w := range c.ways {
		arrived, sent, err := w.crossing.Cross(token)
		if err != nil {
			return fmt.Errorf("tensor %s, sample %d with %s: %w", c.tap.name, sample, w.codec, err)
		}
		w.sent += sent
		if w.shared {
			w.arrived = append(w.arrived[:0], arrived...)
		}
		if w.arrives == codec.None && !bytes.Equal(arrived, token) {
			return fmt.Errorf("%w: tensor %s, sample %d with %s", ErrLossless, c.tap.name, sample, w.codec)
		}
		for _, before := range c.ways[:i] {
			if before.arrives == w.arrives && !bytes.Equal(before.arrived, w.arrived) {
				return fmt.Errorf("%w: tensor %s, sample %d differs with %s and %s", ErrLossless, c.tap.name, sample,
					before.codec, w.codec)
			}
		}
		if w.sketch != nil && w.failed == nil {
			c.values = floats(c.values[:0], c.tap.kind, arrived)
			w.failed = w.sketch.Add(sample, c.values)
		}
	}
	return nil
}

// floats appends the elements of a tensor.
func floats(to []float32, t graph.TokenType, data []byte) []float32 {
	switch t.Elem {
	case "float32":
		for ; len(data) >= 4; data = data[4:] {
			to = append(to, math.Float32frombits(binary.LittleEndian.Uint32(data)))
		}
	case "float16":
		for ; len(data) >= 2; data = data[2:] {
			to = append(to, float32(onnx.HalfValue(binary.LittleEndian.Uint16(data))))
		}
	case "int32":
		for ; len(data) >= 4; data = data[4:] {
			to = append(to, float32(int32(binary.LittleEndian.Uint32(data))))
		}
	case "int64":
		for ; len(data) >= 8; data = data[8:] {
			to = append(to, float32(int64(binary.LittleEndian.Uint64(data))))
		}
	case "int8":
		for _, b := range data {
			to = append(to, float32(int8(b)))
		}
	default:
		for _, b := range data {
			to = append(to, float32(b))
		}
	}
	return to
}

// ranges finds what int8-static is calibrated by.
type ranges struct {
	coding codecstat.Coding
	values []float32
}

func (r *ranges) take(token []byte) {
	r.values = floats(r.values[:0], r.coding.Type, token)
	r.coding.Observe(r.values)
}
