package result

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/energy"
)

// Means says how an energy was found.
type Means string

// The means. Modelled is computed from times in which a device was measured to be busy and
// from its power figures; no meter was read.
const (
	BySimulation Means = "simulated"
	ByModel      Means = "modelled"
	ByMeter      Means = "measured"
	ByBoth       Means = "measured and modelled" // some devices one way, some the other
)

// Energy is that of an instance's devices per frame, with one frame under way where the
// experiment has such a run. The idle power of a device counts for the whole time between two
// results, on the devices that take part; those that several instances share are divided
// evenly. What is not known is missing, and so is each sum that needs it.
type Energy struct {
	Means   Means          `json:"means"`
	Devices []DeviceEnergy `json:"devices"` // in the plan's order
}

// DeviceEnergy is that of one device per frame.
type DeviceEnergy struct {
	Device   string         `json:"device"`
	Endpoint bool           `json:"endpoint,omitempty"` // frames come from it
	Joules   *float64       `json:"joules_per_frame"`   // null: not known, see Missing
	Missing  string         `json:"missing,omitempty"`
	States   *energy.States `json:"by_state,omitempty"` // per frame; those of a meter have none
	// Basis says where the power figures come from, and of fitted ones how well they fit.
	Basis string `json:"basis,omitempty"`
	// Meter says what was read instead, and of what; IdleWatts is the power before any run.
	Meter     string   `json:"meter,omitempty"`
	IdleWatts *float64 `json:"idle_watts,omitempty"`
	// Bound is how far off a measured energy can be as readings are apart, in J per frame.
	Bound float64 `json:"bound_joules,omitempty"`
}

// MeansOf returns how the energies of devices were found, where those without a meter are by
// other.
func MeansOf(other Means, devices []DeviceEnergy) Means {
	meters := 0
	for _, d := range devices {
		if d.Meter != "" {
			meters++
		}
	}
	switch meters {
	case 0:
		return other
	case len(devices):
		return ByMeter
	}
	return ByBoth
}

// PerFrame returns the joules per frame of all devices, or of the endpoint alone. ok is false
// where it is missing.
func (e *Energy) PerFrame(endpointOnly bool) (joules, bound float64, ok bool) {
	if e == nil {
		return math.NaN(), 0, false
	}
	n := 0
	for _, d := range e.Devices {
		if endpointOnly && !d.Endpoint {
			continue
		}
		if d.Joules == nil {
			return math.NaN(), 0, false
		}
		n++
		joules, bound = joules+*d.Joules, bound+d.Bound
	}
	return joules, bound, n > 0
}

// EnergyNotes says, for people, what the energies of the sweep rest on and what is missing;
// nil without any.
func (s *Sweep) EnergyNotes() []string {
	var notes []string
	add := func(text string) {
		if !slices.Contains(notes, text) {
			notes = append(notes, text)
		}
	}
	for _, r := range s.All() {
		for _, e := range r.Energies() {
			for _, d := range e.Devices {
				switch {
				case d.Missing != "":
					add(fmt.Sprintf("device %s: missing: %s", d.Device, d.Missing))
				case d.Basis != "":
					add(fmt.Sprintf("device %s: power figures %s", d.Device, d.Basis))
				case d.Meter != "":
					add(fmt.Sprintf("device %s: measured by %s", d.Device, d.Meter))
				}
			}
		}
	}
	slices.Sort(notes)
	return notes
}

// Energies returns those of the stored prediction and of the measured run, as far as there are.
func (r *Row) Energies() (all []*Energy) {
	for _, o := range []*Outcome{r.Stored, r.Measured} {
		if o != nil && o.Energy != nil {
			all = append(all, o.Energy)
		}
	}
	return all
}

func hasEnergy(rows []*Row) bool {
	return slices.ContainsFunc(rows, func(r *Row) bool { return len(r.Energies()) > 0 })
}

// energyColumns hold the energy per frame of the endpoint and of all devices.
func energyColumns(rows []*Row) []tableColumn {
	if !hasEnergy(rows) {
		return nil
	}
	var columns []tableColumn
	for _, of := range []struct {
		head, name string
		endpoint   bool
	}{{"endpoint J simulated", "energy of the endpoint", true}, {"all J simulated", "energy of all devices", false}} {
		value := func(o *Outcome) (float64, bool) {
			if o == nil {
				return 0, false
			}
			j, _, ok := o.Energy.PerFrame(of.endpoint)
			return j, ok
		}
		columns = append(columns, tableColumn{head: of.head, text: func(r *Row) string {
			return energyText(r.Stored, of.endpoint, false)
		}, name: of.name + ", simulated", unit: "J", value: func(r *Row) (float64, bool) { return value(r.Stored) }},
			tableColumn{head: "modelled or measured", text: func(r *Row) string {
				return energyText(r.Measured, of.endpoint, true)
			}, name: of.name + ", modelled or measured", unit: "J",
				value: func(r *Row) (float64, bool) { return value(r.Measured) },
				about: "Per frame, with one frame under way, idle power included. Modelled: from measured busy times and " +
					"power figures; no meter was read."})
	}
	return columns
}

// energyCell is an energy per frame in joules.
func energyCell(endpoint bool) func(*Outcome) string {
	return func(o *Outcome) string {
		j, _, ok := o.Energy.PerFrame(endpoint)
		if !ok {
			return ""
		}
		return number(j)
	}
}

// energyBasis lists where the power figures of a row's devices come from.
func energyBasis(r *Row) string {
	o := r.any()
	if o == nil || o.Energy == nil {
		return ""
	}
	var all []string
	for _, d := range o.Energy.Devices {
		if d.Basis != "" {
			all = append(all, d.Device+": "+d.Basis)
		}
	}
	return strings.Join(all, "; ")
}

// energyText is an energy per frame, with how it was found if that is not plain from the column.
func energyText(o *Outcome, endpoint, means bool) string {
	if o == nil {
		return missing
	}
	j, bound, ok := o.Energy.PerFrame(endpoint)
	if !ok {
		return missing
	}
	text := fmt.Sprintf("%.3g", j)
	if bound > 0 {
		text += fmt.Sprintf(" ± %.1g", bound)
	}
	if means {
		text += " " + string(o.Energy.Means)
	}
	return text
}

// writeEnergyNotes says what the energies of the table are.
func writeEnergyNotes(w io.Writer, s *Sweep) {
	notes := s.EnergyNotes()
	if len(notes) == 0 {
		return
	}
	fmt.Fprintln(w, "  J are joules per frame with one frame under way, of the endpoint and of all devices that take "+
		"part, their\n  idle power included; modelled: from measured busy times and power figures, no meter was read.")
	for _, n := range notes {
		fmt.Fprintf(w, "  energy: %s\n", n)
	}
}
