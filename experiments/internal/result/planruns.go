package result

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/edgeprune/edgeprune/core/device"
)

// PlanRun is what one driver found for one instance of a plan.
type PlanRun struct {
	Driver   string   `json:"driver"`
	Instance string   `json:"instance,omitempty"`
	Emulated bool     `json:"emulated"` // a device was slowed or a link shaped, or simulated as such
	Origin   Origin   `json:"origin"`
	Restarts int      `json:"restarts,omitempty"` // see trace.Trace
	Assumed  []string `json:"assumed,omitempty"`  // what the driver took for want of a measurement
	Fitted   []string `json:"fitted,omitempty"`   // what it fitted to measured samples, and how well that fits
	Trace    string   `json:"trace,omitempty"`    // the file with the run's trace, or a part of it
	// Selected says what part of it was kept; "": all of it, or none.
	Selected string `json:"trace_selected,omitempty"`
	Results  string `json:"results,omitempty"` // the file with what the sinks recorded, see trace.WriteResults
	// States are those of the devices, of which the agents told them.
	States  []device.Of `json:"device_states,omitempty"`
	Outcome Outcome     `json:"outcome"`
	// Resources are those of the run of all instances, with the first of these; nil with others,
	// and of a run that was not simulated.
	Resources *Resources `json:"resources,omitempty"`
}

// PlanRuns is what a plan's runs found.
type PlanRuns struct {
	Plan    string
	Machine string
	Date    string
	Seed    uint64
	Runs    []PlanRun
}

// Name names the driver, with what one has to know about its run.
func (r *PlanRun) Name() string {
	name := r.Driver
	switch {
	case r.Emulated:
		name += " (emulated)"
	case r.Origin.Real:
		name += " (real)"
	}
	switch {
	case r.Restarts == 1:
		name += " (1 restart)"
	case r.Restarts > 1:
		name += fmt.Sprintf(" (%d restarts)", r.Restarts)
	}
	return name
}

// Emulated reports whether one of the runs was.
func (p *PlanRuns) Emulated() bool {
	return slices.ContainsFunc(p.Runs, func(r PlanRun) bool { return r.Emulated })
}

// Assumed lists what the drivers took for want of a measurement, each once.
func (p *PlanRuns) Assumed() []string {
	var all []string
	for _, r := range p.Runs {
		all = append(all, r.Assumed...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Fitted lists what the drivers fitted to measured samples, each once.
func (p *PlanRuns) Fitted() []string {
	var all []string
	for _, r := range p.Runs {
		all = append(all, r.Fitted...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Waited says in which runs firings waited for records of the run itself, each once.
func (p *PlanRuns) Waited() []string {
	var all []string
	for _, r := range p.Runs {
		for _, text := range r.Outcome.Waited {
			all = append(all, r.Name()+": "+text)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Answer says in a line each what was found, and how far simulation and measurement are
// apart where there are both.
func (p *PlanRuns) Answer() []string {
	var lines []string
	shown, left := p.shown()
	for _, r := range shown {
		o := &r.Outcome
		lines = append(lines, fmt.Sprintf("%s: endpoint time %v ± %v, latency %v ± %v%s, %.2f%s frames/s, %d bytes/frame",
			strings.TrimSpace(r.Name()+" "+r.Instance), ofSeconds(o.EndpointTime.Median), ofSeconds(o.EndpointTime.Spread()),
			ofSeconds(o.Latency.Median), ofSeconds(o.Latency.Spread()), clockText(o.Latency.Clock, inSeconds),
			o.Throughput.Value, clockText(o.Throughput.Clock, fps), o.BoundaryBytes))
		if text := o.roundTripText(); text != "" {
			lines[len(lines)-1] += "; " + text
		}
	}
	if left > 0 {
		lines = append(lines, leftOut(left))
	}
	lines = append(lines, p.scenarios()...)
	lines = append(lines, p.captured()...)
	lines = append(lines, p.failures()...)
	return append(lines, p.errors()...)
}

// simDriver is the name of the driver that simulates.
const simDriver = "sim"

// errors says how far simulation and measurement are apart, quantity by quantity.
func (p *PlanRuns) errors() (lines []string) {
	for _, e := range p.Errors() {
		line := strings.TrimSpace(fmt.Sprintf("error of the simulation %s", e.Instance))
		line += fmt.Sprintf(", %s: %+.1f %%", e.Quantity, 100*e.Error)
		if e.Noise {
			line += ", within noise"
		}
		lines = append(lines, line)
	}
	return lines
}

// RunError is how far the simulation of an instance is off: (simulated - measured) / measured.
type RunError struct {
	Instance string
	Quantity Quantity
	Error    float64
	Noise    bool // it is below the spread of the measurements
}

// Errors returns those of the first instances, where there are both drivers.
func (p *PlanRuns) Errors() (all []RunError) {
	shown, _ := p.shown()
	for _, sim := range shown {
		for _, real := range shown {
			if sim.Driver == real.Driver || sim.Driver != simDriver || sim.Instance != real.Instance {
				continue
			}
			row := Row{Stored: &sim.Outcome, Measured: &real.Outcome}
			for _, q := range Quantities() {
				if e, noise, ok := row.ErrorOf(q, Stored); ok {
					all = append(all, RunError{sim.Instance, q, e, noise})
				}
			}
		}
	}
	return all
}

// mostShown is how many instances of a run tables for people have.
const mostShown = 20

// shown returns the runs of the first instances of each driver, and how many are left out.
func (p *PlanRuns) shown() (rows []PlanRun, left int) {
	of := map[string]int{}
	for _, r := range p.Runs {
		if of[r.Driver]++; of[r.Driver] > mostShown {
			left++
			continue
		}
		rows = append(rows, r)
	}
	return rows, left
}

func leftOut(n int) string { return fmt.Sprintf("and %d instances more, in summary.csv", n) }

// scenarios says what counts by the kind of workload, run by run.
func (p *PlanRuns) scenarios() []string {
	var all []string
	shown, _ := p.shown()
	for _, r := range shown {
		if s := r.Outcome.Scenario; s != nil {
			all = append(all, fmt.Sprintf("%s: %v", strings.TrimSpace(r.Name()+" "+r.Instance), s))
		}
	}
	return all
}

// captured says what became of the frames that sources captured, run by run.
func (p *PlanRuns) captured() []string {
	var all []string
	shown, _ := p.shown()
	for _, r := range shown {
		for _, c := range r.Outcome.Captured {
			all = append(all, fmt.Sprintf("%s: %v", strings.TrimSpace(r.Name()+" "+r.Instance), c))
		}
	}
	return all
}

// failures says what faults did to each device and link, once, then to the instances, and how many
// frames of these were late.
func (p *PlanRuns) failures() []string {
	var all []string
	shown, _ := p.shown()
	for _, r := range shown {
		for _, text := range r.Outcome.Failures.targets(r.Name()) {
			if !slices.Contains(all, text) {
				all = append(all, text)
			}
		}
	}
	for _, r := range shown {
		name := strings.TrimSpace(r.Name() + " " + r.Instance)
		all = append(all, r.Outcome.Failures.text(name)...)
		if late := r.Outcome.Late; late != nil {
			all = append(all, fmt.Sprintf("%s: %.2f %% of the frames were later than the deadline", name, 100**late))
		}
	}
	return all
}

// WriteTable writes the runs as a table for people.
func (p *PlanRuns) WriteTable(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "DRIVER\tINSTANCE\tENDPOINT TIME\tLATENCY\tFRAMES/S\tBYTES/FRAME\tFIRINGS OF\tMESSAGES OF")
	shown, left := p.shown()
	for _, r := range shown {
		o := r.Outcome
		fmt.Fprintf(tw, "%s\t%s\t%v ± %v\t%v ± %v%s\t%.2f%s\t%d\t%s\t%s\n", r.Name(), r.Instance,
			ofSeconds(o.EndpointTime.Median), ofSeconds(o.EndpointTime.Spread()),
			ofSeconds(o.Latency.Median), ofSeconds(o.Latency.Spread()), clockText(o.Latency.Clock, inSeconds),
			o.Throughput.Value, clockText(o.Throughput.Clock, fps), o.BoundaryBytes, r.Origin.Profile, r.Origin.Link)
	}
	if left > 0 {
		fmt.Fprintln(tw, leftOut(left))
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	for i := range p.Runs {
		if r := p.Runs[i].Resources; r != nil {
			if err := r.WriteTable(w); err != nil {
				return err
			}
		}
	}
	for _, text := range p.Throttled() {
		if _, err := fmt.Fprintf(w, "throttled: %s\n", text); err != nil {
			return err
		}
	}
	for _, text := range p.Fitted() {
		if _, err := fmt.Fprintf(w, "fitted: %s\n", text); err != nil {
			return err
		}
	}
	for _, text := range p.Waited() {
		if _, err := fmt.Fprintf(w, "disturbed: %s\n", text); err != nil {
			return err
		}
	}
	for _, text := range slices.Concat(p.scenarios(), p.captured(), p.failures(), p.errors()) {
		if _, err := fmt.Fprintln(w, text); err != nil {
			return err
		}
	}
	for _, r := range p.Runs {
		if text := r.Outcome.roundTripText(); text != "" {
			if _, err := fmt.Fprintf(w, "%s: %s\n", strings.TrimSpace(r.Name()+" "+r.Instance), text); err != nil {
				return err
			}
		}
	}
	return nil
}

// Throttled says in which runs which devices slowed themselves down, and by what that is known.
// Instances of one run share its devices.
func (p *PlanRuns) Throttled() (all []string) {
	for _, r := range p.Runs {
		for _, text := range throttling(r.States) {
			if text = r.Name() + ": " + text; !slices.Contains(all, text) {
				all = append(all, text)
			}
		}
	}
	return all
}

// WriteCSV writes the runs as a table for programs. Times are in seconds.
func (p *PlanRuns) WriteCSV(w io.Writer) error {
	c := csv.NewWriter(w)
	rows := [][]string{{"plan", "driver", "instance", "emulated", "restarts", "frames", "endpoint_time_s",
		"endpoint_time_low_s", "endpoint_time_high_s", "latency_s", "latency_low_s", "latency_high_s", "frames_per_s",
		"boundary_bytes", "trace"}}
	several := slices.ContainsFunc(p.Runs, func(r PlanRun) bool {
		return r.Outcome.Latency.Clock > 0 || r.Outcome.Throughput.Clock > 0
	})
	if several {
		rows[0] = append(rows[0], "latency_clock_s", "frames_per_s_clock", "round_trip_s")
	}
	number := func(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }
	for _, r := range p.Runs {
		e, l := r.Outcome.EndpointTime, r.Outcome.Latency
		rows = append(rows, []string{p.Plan, r.Driver, r.Instance, strconv.FormatBool(r.Emulated), strconv.Itoa(r.Restarts),
			strconv.Itoa(l.N), number(e.Median), number(e.Low), number(e.High), number(l.Median), number(l.Low), number(l.High),
			number(r.Outcome.Throughput.Value), strconv.FormatInt(r.Outcome.BoundaryBytes, 10), r.Trace})
		if several {
			back := ""
			if r.Outcome.RoundTrip != nil {
				back = number(r.Outcome.RoundTrip.Median)
			}
			last := &rows[len(rows)-1]
			*last = append(*last, number(l.Clock), number(r.Outcome.Throughput.Clock), back)
		}
	}
	return c.WriteAll(rows)
}

// roundTripText says how long it takes until the source's device knows of the result; "" if
// that is the latency, or not known.
func (o *Outcome) roundTripText() string {
	if o.RoundTrip == nil {
		return ""
	}
	return fmt.Sprintf("there and back, on the endpoint's clock alone: %v ± %v", ofSeconds(o.RoundTrip.Median),
		ofSeconds(o.RoundTrip.Spread()))
}

func inSeconds(s float64) string { return ofSeconds(s).String() }

func ofSeconds(s float64) time.Duration { return time.Duration(s * 1e9).Round(time.Microsecond) }
