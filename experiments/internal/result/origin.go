package result

import (
	"maps"
	"slices"
	"strings"
)

// Origin says whose figures an outcome is computed from.
type Origin struct {
	// Profile is the machine whose firings were measured: that of the profile that was
	// simulated, or that of the devices.
	Profile string `json:"profile"`
	// Link is the transport whose messages were measured: that of the calibration that was
	// simulated, or that between the devices.
	Link string `json:"link"`
	// Emulated says that a device was slowed or a link shaped, or simulated as such.
	Emulated bool `json:"emulated"`
	// Real says that devices of a testbed measured it, none of which was slowed, over links that
	// were not shaped.
	Real bool `json:"real,omitempty"`
}

// Of returns the origin of what a run found that was emulated or not.
func (o Origin) Of(emulated bool) Origin {
	o.Emulated, o.Real = emulated, o.Real && !emulated
	return o
}

// Testbed is the devices and the server on which an experiment ran for real.
type Testbed struct {
	Server  string            `json:"server"`  // URL, without secrets
	Devices map[string]string `json:"devices"` // by the experiment's own names
}

// String says which device stood for which.
func (t *Testbed) String() string {
	var all []string
	for _, own := range slices.Sorted(maps.Keys(t.Devices)) {
		all = append(all, own+" on "+t.Devices[own])
	}
	return strings.Join(all, ", ") + " at " + t.Server
}

// Real reports whether the sweep was measured on real devices: see Origin.
func (s *Sweep) Real() bool {
	return s.Testbed != nil && !s.Emulated && slices.ContainsFunc(s.All(), func(r *Row) bool { return r.Measured != nil })
}

// Conditions says in a sentence whether what the sweep measured was emulated or real; "" if it is
// neither.
func (s *Sweep) Conditions() string {
	switch {
	case s.Emulated:
		return "Emulated: slowed devices or shaped links on one machine."
	case s.Real():
		return "Real: measured on devices of a testbed; none was slowed and no link shaped."
	}
	return ""
}

// Parameter is a figure that an experiment assumes and nobody measured. It is fixed before
// the run.
type Parameter struct {
	Name  string `json:"name"`       // such as "endpoint slow"
	Value string `json:"value"`      // with its unit
	For   string `json:"stands_for"` // what it stands for
	Why   string `json:"why"`        // it is assumed
}
