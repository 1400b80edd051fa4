package lab

import (
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/stretchr/testify/assert"
)

func TestScale(t *testing.T) {
	took := func(all ...time.Duration) profile.Entry { return profile.Entry{Samples: all} }
	here := map[string]profile.Entry{
		"onnx a": took(10), "onnx b": took(20), "onnx c": {Samples: []time.Duration{30, 40}, OutBytes: []int64{7}},
		"nms": took(1), "jpeg": took(5), "unknown": {},
	}
	there := map[string]profile.Entry{"onnx a": took(30), "onnx b": took(60), "nms": took(7)}
	scale(here, there)
	assert.Equal(t, map[string]profile.Entry{
		"onnx a": took(30), "onnx b": took(60), "nms": took(7),
		"onnx c": {Samples: []time.Duration{90, 120}, OutBytes: []int64{7},
			Basis: "scaled, 3 times that on the machine that runs the program"},
		"jpeg": {Samples: []time.Duration{35}, Basis: "scaled, 7 times that on the machine that runs the program"},
	}, there)
	none := map[string]profile.Entry{}
	scale(here, none)
	assert.Empty(t, none, "nothing is known of the device")
}
