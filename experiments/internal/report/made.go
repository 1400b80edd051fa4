package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/experiments/internal/record"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// made says on what and by what a run was made. run is nil where it is not known.
func made(run *record.Run, machine, date string, seed uint64, testbed *result.Testbed) Section {
	s := Section{Title: "Machine and program"}
	add := func(name, value string) {
		if value != "" {
			s.Lines = append(s.Lines, name+": "+value)
		}
	}
	add("Machine", machine)
	add("Date", date)
	add("Seed", fmt.Sprint(seed))
	if testbed != nil {
		add("Testbed", testbed.String())
	}
	if run == nil {
		return s
	}
	add("Program", run.Inputs.Program.String())
	add("Command", strings.Join(run.Command, " "))
	add("Effort", run.Inputs.Effort)
	add("ONNX Runtime", run.Inputs.Runtime)
	add("Go", run.Go)
	add("Policy of the processor's clock", run.Governor)
	add("Stored profile", run.Profiled)
	add("Incomplete", run.Incomplete)
	for _, name := range slices.Sorted(maps.Keys(run.Agents)) {
		a := run.Agents[name]
		text := fmt.Sprintf("%s, edgeprune %s", a.Host, a.Version)
		if a.Runtime != "" {
			text += ", ONNX Runtime " + a.Runtime
		}
		add("Agent of "+name, text)
	}
	return s
}
