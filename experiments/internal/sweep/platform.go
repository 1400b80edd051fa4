package sweep

import (
	"math"
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/experiments/internal/spec"
)

// SlowdownOf is the factor by which an endpoint or a gateway runs slower than this
// machine: that of its unit, or more for the whole model to take what it should.
func (x *Experiment) SlowdownOf(e *spec.Endpoint) float64 {
	return max(x.slowdowns[e.Name], e.Unit.Slowdown, 1)
}

// Slow slows an endpoint or a gateway by a factor.
func (x *Experiment) Slow(device string, factor float64) { x.slowdowns[device] = factor }

// SlowTo slows a device on which the whole model takes t for it to take want. The factor
// is rounded to a tenth.
func (x *Experiment) SlowTo(device string, want, t time.Duration) {
	x.Slow(device, math.Round(10*float64(want)/float64(t))/10)
}

// Slowdown is the factor that Slow set for a device; 0 is none.
func (x *Experiment) Slowdown(device string) float64 { return x.slowdowns[device] }

// instance maps the application to an endpoint and the server, cut at pp.
func (x *Experiment) instance(name, endpoint string, pp int, codecName string) planfile.Instance {
	on, server := x.units(endpoint)
	inst := planfile.Instance{Name: name, Codec: codecName, Calibration: x.Spec.Calibration}
	if pp < len(x.chain) {
		inst.Mapping = []planfile.Assign{
			{Unit: on, Through: x.chain[pp-1].Name},
			{Unit: server},
		}
	} else {
		inst.Mapping = []planfile.Assign{{Unit: on}}
	}
	return inst
}

// units names the unit of an endpoint and the first one of the server.
func (x *Experiment) units(endpoint string) (on, server string) {
	return endpoint + "." + x.Spec.Endpoint(endpoint).Unit.Name, x.Spec.Server.Name + "." + x.Spec.Server.Units[0].Name
}

// platform is that of endpoints, each on a link of its own to the server.
func (x *Experiment) platform(endpoints []string, link string) plan.Platform {
	p := plan.Platform{Name: x.Spec.Experiment}
	at := slices.IndexFunc(x.Spec.Links, func(l plan.Link) bool { return l.Name == link })
	for _, name := range endpoints {
		p.Devices = append(p.Devices, x.device(x.Spec.Endpoint(name), plan.Endpoint))
		p.Links = append(p.Links, x.Spec.LinkTo(at, name))
	}
	for _, m := range x.Spec.Media {
		if m.Name == x.Spec.Links[at].Medium {
			p.Media = append(p.Media, m)
		}
	}
	return x.withServer(p)
}

// allDevices is the platform of all devices and links.
func (x *Experiment) allDevices() plan.Platform {
	p := plan.Platform{Name: x.Spec.Experiment, Links: x.Spec.Links, Media: x.Spec.Media}
	for i := range x.Spec.Endpoints {
		p.Devices = append(p.Devices, x.device(&x.Spec.Endpoints[i], plan.Endpoint))
	}
	for i := range x.Spec.Gateways {
		p.Devices = append(p.Devices, x.device(&x.Spec.Gateways[i], plan.Gateway))
	}
	return x.withServer(p)
}

// device is an endpoint or a gateway as a device of a plan.
func (x *Experiment) device(e *spec.Endpoint, role plan.Role) plan.Device {
	u := e.Unit
	if u.Slowdown == 0 || u.Slowdown >= 1 { // Compile refuses others
		u.Slowdown = x.SlowdownOf(e)
	}
	return plan.Device{Name: e.Name, Role: role, Units: []plan.Unit{u}, Power: e.Power, Profile: e.Profile}
}

func (x *Experiment) withServer(p plan.Platform) plan.Platform {
	server := x.Spec.Server
	server.Role = plan.Server
	p.Devices = append(p.Devices, server)
	return p
}
