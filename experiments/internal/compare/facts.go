package compare

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/edgeprune/edgeprune/experiments/internal/record"
)

// shownDigits are those of a digest.
const shownDigits = 12

// age is how old a profile was when a run began.
var age = regexp.MustCompile(`, [^,]* ago\b`)

// factsOf lists what a run was made from and by what. What it doesn't say is left out.
func factsOf(rec *record.Run) []Fact {
	var all []Fact
	add := func(what, value string) {
		if value != "" {
			all = append(all, Fact{what, value})
		}
	}
	in := &rec.Inputs
	add("started", rec.Started.UTC().Format("2006-01-02 15:04:05 UTC"))
	add("command", strings.Join(rec.Command, " "))
	add("program", in.Program.String())
	add("machine", in.Machine)
	add("CPU governor", rec.Governor)
	add("ONNX Runtime", in.Runtime)
	add("Go", rec.Go)
	add("effort", in.Effort)
	add("drivers", in.Drivers)
	add("seed", strconv.FormatUint(rec.Seed, 10))
	add("profile", age.ReplaceAllString(rec.Profiled, ""))
	add("digest of experiment.yaml", digest(in.Experiment))
	add("digest of the plan", digest(in.Plan))
	add("digest of the study and its files", digest(in.Study))
	for _, name := range slices.Sorted(maps.Keys(in.Models)) {
		add("digest of model "+name, digest(in.Models[name]))
	}
	if rec.Testbed != nil {
		add("testbed", rec.Testbed.String())
	}
	for _, name := range slices.Sorted(maps.Keys(rec.Agents)) {
		a := rec.Agents[name]
		add("agent "+name, agentText(&a))
	}
	return all
}

// agentText says what a device of a testbed is and what it runs.
func agentText(a *record.Agent) string {
	parts := []string{"program " + a.Version, "host " + a.Host}
	if a.Runtime != "" {
		parts = append(parts, "ONNX Runtime "+a.Runtime)
	}
	if f := a.Fingerprint; f != nil {
		if f.Processor != "" {
			parts = append(parts, fmt.Sprintf("%s, %d cores", f.Processor, f.Cores))
		}
		if f.PowerMode != "" {
			parts = append(parts, "power mode "+f.PowerMode)
		}
	}
	return strings.Join(parts, "; ")
}

// digest shortens the hash of a file.
func digest(sum string) string { return sum[:min(len(sum), shownDigits)] }

// facts parts what differs between runs from what is the same.
func (c *Comparison) facts() {
	var names []string
	of := make([]map[string]string, len(c.Runs))
	for i, r := range c.Runs {
		of[i] = map[string]string{}
		own := []Fact{{string(r.Kind), r.Name}, {"values", strings.Join(r.Marks, "; ")}}
		for _, f := range append(own, r.Facts...) {
			of[i][f.What] = f.Value
			if !slices.Contains(names, f.What) {
				names = append(names, f.What)
			}
		}
	}
	for _, name := range names {
		d := Difference{What: name}
		for i := range c.Runs {
			d.Values = append(d.Values, of[i][name])
		}
		if slices.ContainsFunc(d.Values, func(v string) bool { return v != d.Values[0] }) {
			c.Differs = append(c.Differs, d)
		} else if d.Values[0] != "" {
			c.Same = append(c.Same, Fact{name, d.Values[0]})
		}
	}
}
