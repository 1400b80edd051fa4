package plan

import (
	"cmp"
	"fmt"

	"github.com/edgeprune/edgeprune/core/costmodel"
	"github.com/edgeprune/edgeprune/core/energy"
	"github.com/edgeprune/edgeprune/core/graph"
)

// ChunkBytes is the size of the messages that a token crosses a link in; the
// last may be shorter. Both drivers use it.
const ChunkBytes = 64 << 10

// Bounds of a unit's numbers, so that a slip of the pen is no load of the machine.
const (
	MaxLanes   = 4096
	MaxThreads = 4096
)

// Role says what a device is in a testbed.
type Role string

// The roles of devices.
const (
	Endpoint Role = "endpoint"
	Gateway  Role = "gateway"
	Server   Role = "server"
)

// Platform is the platform graph: devices with processing units, the links between devices,
// and the media that links share.
type Platform struct {
	Name    string   `yaml:"name" json:"name"`
	Devices []Device `yaml:"devices" json:"devices"`
	Links   []Link   `yaml:"links" json:"links"`
	Media   []Medium `yaml:"media,omitempty" json:"media,omitempty"` // that links share
}

// Device is a machine of the platform.
type Device struct {
	Name  string `yaml:"name" json:"name"`
	Role  Role   `yaml:"role" json:"role"`
	Units []Unit `yaml:"units" json:"units"`
	// Power is what the device takes by what it does; nil: that is not known.
	Power *energy.Figures `yaml:"power,omitempty" json:"power,omitempty"`
	// Profile names a file of what firings cost on the device, relative to the plan's file; "":
	// they cost what they cost on the machine that runs the program.
	Profile string `yaml:"profile,omitempty" json:"profile,omitempty"`
	// Count, if not 0, asks a plan file for so many copies of an endpoint, of its links and of the
	// instances with actors on it. A compiled plan has them, and CopyOf names the device that one is
	// a copy of.
	Count  int       `yaml:"count,omitempty" json:"-"`
	CopyOf string    `yaml:"-" json:"copy_of,omitempty"`
	Pos    graph.Pos `yaml:"-" json:"-"`
}

// Class returns the name of the device that this one is a copy of, or its own.
func (d *Device) Class() string { return cmp.Or(d.CopyOf, d.Name) }

// Unit is a processing unit of a device.
type Unit struct {
	Name     string   `yaml:"name" json:"name"`
	Lanes    int      `yaml:"lanes,omitempty" json:"lanes"`       // firings that run at a time; default 1
	Threads  int      `yaml:"threads,omitempty" json:"threads"`   // intra-op threads of a session; default 1
	Spin     bool     `yaml:"spin,omitempty" json:"spin"`         // let idle session threads spin
	Provider Provider `yaml:"provider,omitempty" json:"provider"` // default cpu

	// Slowdown k emulates a slower unit: a firing that took t is stretched to k·t;
	// see ProcessorTime for what t is.
	// 1, the default, runs at the speed of the machine.
	Slowdown float64 `yaml:"slowdown,omitempty" json:"slowdown"`

	// Cost says how the simulator turns the samples of a profile into what a firing takes, in place
	// of what the simulation as a whole says. Costs say it of actors of the application, by name, in
	// place of Cost. A deployment runs the kernels, whatever stands here.
	Cost  costmodel.Model            `yaml:"cost,omitempty" json:"cost,omitzero"`
	Costs map[string]costmodel.Model `yaml:"costs,omitempty" json:"costs,omitempty"`
}

// Key is the same for equal units and for no others.
func (u *Unit) Key() string {
	key := fmt.Sprintf("%q %d %d %t %s %g", u.Name, u.Lanes, u.Threads, u.Spin, u.Provider, u.Slowdown)
	if !u.Cost.IsZero() || len(u.Costs) > 0 {
		key += fmt.Sprintf(" %v %v", u.Cost, u.Costs) // a map is printed in the order of its keys
	}
	return key
}

// ProcessorTime says how a firing on the unit is timed: by the processor time of
// its thread, or else by the clock. Stretching multiplies what it measures, so on
// a slowed unit of one thread the time that the machine took the processor away is
// left out; with more threads it can't be told apart.
func (u *Unit) ProcessorTime() bool { return u.Slowdown > 1 && u.Threads == 1 }

// Device returns the index of the named device, or -1.
func (p *Platform) Device(name string) int {
	for i := range p.Devices {
		if p.Devices[i].Name == name {
			return i
		}
	}
	return -1
}

// Link returns the index of the link between two devices, or -1.
func (p *Platform) Link(a, b string) int {
	for i := range p.Links {
		e := p.Links[i].Between
		if len(e) == 2 && (e[0] == a && e[1] == b || e[0] == b && e[1] == a) {
			return i
		}
	}
	return -1
}

// DeviceNames returns the names of the devices, in order.
func (p *Platform) DeviceNames() []string {
	var names []string
	for i := range p.Devices {
		names = append(names, p.Devices[i].Name)
	}
	return names
}
