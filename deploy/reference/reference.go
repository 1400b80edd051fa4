// Package reference times a fixed small computation, so that a drift of the machine
// between two times is seen: the same work takes longer or shorter. It stresses what the
// segments of a network stress, and depends on no model, data or plan. It may not judge
// what it times.
package reference

import (
	"context"
	"fmt"
	"time"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/quantile"
	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/ort"
)

const (
	firings = 9                    // that are timed at a time
	pause   = 5 * time.Millisecond // before each, as a deployed kernel pauses between frames
)

// Kernel is a convolutional network of 46 million multiplications on one thread: two
// layers whose weights fit the caches, two whose feature maps don't. It takes a few
// milliseconds. One goroutine at a time may use it.
type Kernel struct {
	session *ort.Session
	in, out []*ort.Tensor
}

// New loads the network into ONNX Runtime, which must be loaded, and runs it twice. The
// caller closes it.
func New() (*Kernel, error) {
	model, err := network()
	if err != nil {
		return nil, fmt.Errorf("reference kernel: %w", err)
	}
	k := &Kernel{}
	k.session, err = ort.NewSession(model, ort.Options{Threads: 1})
	if err != nil {
		return nil, fmt.Errorf("reference kernel: %w", err)
	}
	k.in, err = tensors(k.session.Inputs())
	if err == nil {
		k.out, err = tensors(k.session.Outputs())
	}
	for range 2 {
		if err == nil {
			err = k.session.Run(k.in, k.out)
		}
	}
	if err != nil {
		k.Close()
		return nil, fmt.Errorf("reference kernel: %w", err)
	}
	return k, nil
}

func tensors(infos []ort.Info) ([]*ort.Tensor, error) {
	var made []*ort.Tensor
	for _, info := range infos {
		size := onnx.TensorInfo{Elem: info.Elem, Shape: info.Shape}.Bytes()
		t, err := ort.NewTensor(info.Elem, info.Shape, ort.AlignedBytes(int(size)))
		if err != nil {
			return nil, err
		}
		made = append(made, t)
	}
	return made, nil
}

// Time returns the median time of a firing now. It takes some 80 ms. It returns the cause
// of ctx's end if that comes first.
func (k *Kernel) Time(ctx context.Context) (time.Duration, error) {
	sleeper := clock.NewSleeper()
	took := make([]time.Duration, firings)
	for i := range took {
		if err := sleeper.Until(ctx, clock.Now()+int64(pause)); err != nil {
			return 0, context.Cause(ctx)
		}
		begin := clock.Now()
		if err := k.session.Run(k.in, k.out); err != nil {
			return 0, fmt.Errorf("reference kernel: %w", err)
		}
		took[i] = time.Duration(clock.Now() - begin)
	}
	return quantile.Median(took), nil
}

// Close frees the session.
func (k *Kernel) Close() error { return k.session.Close() }

// network returns the model: on 56 x 56 pixels a 3 x 3 convolution, a depthwise one and a
// pointwise one as in MobileNet, then a pointwise one of many channels on 14 x 14.
func network() ([]byte, error) {
	b := build.New("reference")
	b.Input("image", onnx.Float32, 1, 16, 56, 56)
	layer := func(name, in string, shape []int64, group, stride int64) string {
		weights := make([]float32, shape[0]*shape[1]*shape[2]*shape[3])
		for i := range weights { // small, of both signs, none 0
			weights[i] = float32(i%7-3)/64 + 1.0/256
		}
		b.Floats(name+".w", weights, shape...)
		pad := shape[2] / 2
		b.Node("Conv", []string{in, name + ".w"}, []string{name + ".conv"},
			build.Attr{Name: "kernel_shape", Value: shape[2:]},
			build.Attr{Name: "strides", Value: []int64{stride, stride}},
			build.Attr{Name: "pads", Value: []int64{pad, pad, pad, pad}},
			build.Attr{Name: "group", Value: group})
		return b.Node("Relu", []string{name + ".conv"}, []string{name})
	}
	x := layer("full", "image", []int64{48, 16, 3, 3}, 1, 1)
	x = layer("depthwise", x, []int64{48, 1, 3, 3}, 48, 1)
	x = layer("pointwise", x, []int64{96, 48, 1, 1}, 1, 4)
	x = layer("wide", x, []int64{512, 96, 1, 1}, 1, 1)
	x = layer("narrow", x, []int64{128, 512, 1, 1}, 1, 1)
	b.Node("GlobalAveragePool", []string{x}, []string{"mean"})
	b.Output("mean", onnx.Float32, 1, 128, 1, 1)
	return b.Bytes()
}
