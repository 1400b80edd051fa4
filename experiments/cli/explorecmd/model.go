package explorecmd

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/edgeprune/edgeprune/experiments/cli/modelcmd"
	"github.com/edgeprune/edgeprune/experiments/internal/model"
	"github.com/urfave/cli/v2"
)

// model takes an ONNX model on an endpoint and a server that the flags describe.
func (src *source) model(c *cli.Context, s *Session, name string) error {
	m, err := s.Model(c.Context, name)
	if err != nil {
		return err
	}
	tb, err := modelcmd.AssumedTestbed(c, m)
	if err != nil {
		return err
	}
	whole, err := m.Whole()
	if err != nil {
		return modelcmd.UserError(err)
	}
	data, err := whole.Bytes()
	if err != nil {
		return modelcmd.UserError(err)
	}
	src.name, src.seed, src.digest, src.codecs = tb.Name, 1, digest(data), defaultCodecs("")
	src.files = map[string][]byte{whole.Name + ".onnx": data}
	if !m.Plain {
		shown, err := m.Source()
		if err != nil {
			return modelcmd.UserError(err)
		}
		if tb.Input, err = s.Cached(digest(shown)[:16]+".bin", shown); err != nil {
			return err
		}
		src.files[tb.Input] = shown
	}
	yaml, models, err := m.Plan([]model.Part{whole}, tb)
	if err != nil {
		return modelcmd.UserError(err)
	}
	f, err := planfile.Parse("the plan of "+name, yaml)
	if err != nil {
		return err
	}
	src.models = models
	f.Platform.Devices = append(f.Platform.Devices, plan.Device{Name: "server", Role: plan.Server,
		Units: []plan.Unit{{Name: "cpu"}}})
	f.Platform.Links = append(f.Platform.Links, plan.Link{Name: "link", Between: []string{"endpoint", "server"},
		BandwidthBytesPerSec: input.Bandwidth(c, "bandwidth"), Latency: input.Duration(c, "latency")})
	p := &platform{file: f}
	p.single, p.full = modelWorkloads(int64(tb.Frames))
	f.Workload = p.single
	p.notes = []string{fmt.Sprintf("the endpoint is %v times slower than this machine, and a link of %s/s and %s "+
		"joins it to "+
		"a server: assumed, change them by --slowdown, --bandwidth and --latency", tb.Slowdown,
		modelcmd.ByteText(int64(tb.BandwidthBytesPerSec)), tb.Latency), "the model's input: " + m.Ran()}
	src.platforms = []*platform{p}
	return nil
}
