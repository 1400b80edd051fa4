package measure

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
	"github.com/goccy/go-yaml"
)

// keep writes the plan file and the trace of a run below Dir:
// plans/NAME.yaml and traces/DRIVER/NAME.jsonl.
func (r *Runner) keep(driver string, f *planfile.File, t *trace.Trace) error {
	if err := r.keepPlan(f); err != nil {
		return err
	}
	return result.Create(r.traceFile(driver, f), func(w io.Writer) error { return trace.Write(w, t) })
}

func (r *Runner) keepPlan(f *planfile.File) error {
	kept := *f
	if r.Kept != nil {
		kept.Application = r.Kept(f.Application)
	}
	b, err := yaml.Marshal(&kept)
	if err != nil {
		return err
	}
	return result.WriteFile(filepath.Join(r.Dir, "plans", result.FileName(f.Plan)+".yaml"), b)
}

func (r *Runner) traceFile(driver string, f *planfile.File) string {
	return filepath.Join(r.Dir, "traces", driver, result.FileName(f.Plan)+".jsonl")
}

// TraceFile is the name of the file that Run writes a case's trace under a workload
// to, in the folder of the driver. It has no characters with a meaning in a pattern.
func TraceFile(c result.Case, w plan.WorkloadKind) string { return sweep.PlanFile(c, w) + ".jsonl" }

// TogetherTraces is the pattern of the names of an experiment's traces of all endpoints
// at once.
func TogetherTraces(experiment string) string {
	return result.FileName(sweep.TogetherPlan(experiment)) + "*.jsonl"
}

func (r *Runner) rowFile(row *result.Row) string {
	return filepath.Join(r.Dir, "measured", result.FileName(row.Endpoint+" "+row.Link+" "+row.Label+" "+row.Codec)+".json")
}

// keepRow writes a measured row, so that a run that is broken off resumes.
func (r *Runner) keepRow(row *result.Row) error {
	b, err := json.MarshalIndent(row, "", "  ")
	if err != nil {
		return err
	}
	return result.WriteFile(r.rowFile(row), append(b, '\n'))
}

// resume takes what an earlier, broken-off run of the same inputs measured. A
// file that can't be read counts as not there.
func (r *Runner) resume(row *result.Row) bool {
	b, err := os.ReadFile(r.rowFile(row))
	if err != nil {
		return false
	}
	var old result.Row
	if json.Unmarshal(b, &old) != nil || old.Measured == nil || old.Case != row.Case {
		return false
	}
	take(row, &old)
	if old.Stored != nil { // of the frames that were measured
		row.Stored = old.Stored
	}
	r.sweep.Emulated = r.sweep.Emulated || row.Slowdown != 1
	return true
}
