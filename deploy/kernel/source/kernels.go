package source

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/picture"
	"github.com/edgeprune/edgeprune/deploy/kernel"
)

// Frame is the type of a frame of packed RGB, and Permission that of a token that holds a
// source back until the last frame has left, as kernel.Spec.CheckPorts takes them.
const (
	Frame      = "uint8[h,w,3]"
	Permission = "uint8[1]"
)

// Kernels returns the kernels by name. Those of one call share the folders that they have
// decoded.
func Kernels() map[string]kernel.New {
	return map[string]kernel.New{
		"image-folder": newAlbums().newImageFolder, "stream": newStream, "tensor": newTensor, "video": newVideo,
	}
}

// checkPorts checks the ports of a source: an optional in port for permission, and its
// out ports.
func checkPorts(s kernel.Spec, out ...string) error {
	if len(s.In) > 0 {
		if err := s.CheckIn(Permission); err != nil {
			return err
		}
	}
	return s.CheckOut(out...)
}

// checkFrame checks the ports of a source of frames, which have pixels.
func checkFrame(s kernel.Spec) error {
	if err := checkPorts(s, Frame); err != nil {
		return err
	}
	return CheckPixels("out", s.Out[0])
}

// CheckPixels is kernel.ErrPort if a frame of a port of type Frame has no pixels. side, "in"
// or "out", is for the error.
func CheckPixels(side string, p graph.Port) error {
	if p.Type.Elements() == 0 {
		return fmt.Errorf("%w: %s port %s carries %s, which has no pixels; give it a height and a width of at least 1",
			kernel.ErrPort, side, p.Name, p.Type)
	}
	return nil
}

// pictureOptions reads the parameters that picture.Options.Set knows.
func pictureOptions(p *kernel.Parameters) picture.Options {
	var o picture.Options
	for _, key := range picture.Keys() {
		if v, ok := p.Value(key); ok {
			if err := o.Set(key, fmt.Sprint(v)); err != nil {
				p.Failf("%v", err)
			}
		}
	}
	return o
}

// room returns the bytes that decoded frames may take, by the parameter memory_mib.
func room(p *kernel.Parameters) int64 {
	return int64(p.Integer("memory_mib", defaultMemory, 1, 1<<20)) << 20
}

// defaultMemory is in MiB.
const defaultMemory = 256
