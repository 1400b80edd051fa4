package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
	"github.com/edgeprune/edgeprune/experiments/internal/measure"
	"github.com/edgeprune/edgeprune/experiments/internal/metrics"
	"github.com/edgeprune/edgeprune/experiments/internal/record"
	"github.com/edgeprune/edgeprune/experiments/internal/report"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/timeline"
	"github.com/goccy/go-yaml"
)

// keeper keeps what the runs of one plan find, in a folder of results.
type keeper struct {
	l       *session
	out     string
	record  *record.Run
	found   result.PlanRuns
	figures []string
}

// keeper makes the folder of a plan's runs, and writes the plan there. Files of the folder
// given are kept beside it.
func (l *session) keeper(
	f *planfile.File, p *plan.Plan, models compile.Models, simulate, measure bool, given string,
) (*keeper, error) {
	text, err := yaml.Marshal(f)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	run := &record.Run{
		Inputs: record.Inputs{
			Program: l.app.env.Revision, Plan: hex.EncodeToString(sum[:]), Models: sums(models),
			Drivers: drivenBy(simulate, measure), Machine: l.predictedOn(), Runtime: ort.Version(),
		},
		Command: l.app.command(), Started: l.app.env.Now().UTC(), Governor: l.app.governor(),
		Device: l.app.deviceState(), Go: runtime.Version(),
		Seed: p.Seed,
	}
	out, err := record.New(filepath.Join(l.results(), result.FileName(p.Name)), run)
	if err != nil {
		return nil, err
	}
	k := &keeper{l: l, out: out, record: run, found: result.PlanRuns{
		Plan: p.Name, Machine: l.predictedOn(), Date: run.Started.Format("2006-01-02"), Seed: p.Seed,
	}}
	if err := k.keepPlan(f, given); err != nil {
		return nil, errors.Join(err, k.end(err))
	}
	return k, nil
}

// keepPlan writes a plan that can be run again from any folder, and what lies in the folder
// given.
func (k *keeper) keepPlan(f *planfile.File, given string) error {
	kept := *f
	head := ""
	if given == "" {
		kept.Application = k.l.anywhere(f.Application, f.Pos("$.application").File)
	} else { // of a model without a plan file: its parts are in memory only
		head = "# Made by run --model; to run it again, write its parts by edgeprune model split.\n"
		files := filepath.Join(k.out, "files")
		if err := os.CopyFS(files, os.DirFS(given)); err != nil {
			return err
		}
		kept.Application = withFiles(f.Application, func(path string) string {
			if name, in := strings.CutPrefix(path, given+string(filepath.Separator)); in {
				return k.l.app.located(filepath.Join(files, name))
			}
			return path
		})
	}
	text, err := yaml.Marshal(&kept)
	if err != nil {
		return err
	}
	return result.WriteFile(filepath.Join(k.out, "plan.yaml"), append([]byte(head), text...))
}

// mostTold bounds what is told of a run line by line.
const mostTold = 20

// run runs a plan once by a driver, keeps its trace and what the sinks recorded, and adds what it found, instance by
// instance.
func (k *keeper) run(ctx context.Context, name string, from result.Origin, d driver.Driver, p *plan.Plan) error {
	k.l.log.Step(name+" "+p.Name, 1, 1, 0)
	path := filepath.Join(k.out, "traces", name, result.FileName(p.Name)+".jsonl")
	var t *trace.Trace
	var outcome func(instance string) (result.Outcome, error)
	var err error
	var kept selection
	simulated := &observed{}
	if s, sums := d.(driver.Summarizer); sums {
		simulated.Summarizer, d = s, simulated
		if kept, err = selects(k.l.c, p); err != nil {
			return err
		}
	}
	if kept.partly() {
		t, outcome, err = k.summed(ctx, simulated, p, &kept, path)
	} else {
		t, outcome, err = k.once(ctx, d, p, path)
	}
	if err != nil {
		return err
	}
	selected := ""
	switch {
	case kept.none:
		path = ""
		k.l.log.Logf("%s %s: summed up; --trace keeps the trace of more than %d firings", name, p.Name, keptFirings)
	case kept.partly():
		selected = kept.String()
	}
	recorded := ""
	if len(t.Results) > 0 { // the simulator records none
		recorded = strings.TrimSuffix(path, ".jsonl") + "-results.jsonl"
		err := result.Create(recorded, func(w io.Writer) error { return trace.WriteResults(w, t.Results) })
		if err != nil {
			return err
		}
	}
	for i, what := range t.Assumed {
		if i == mostTold {
			k.l.log.Logf("%s %s: not measured: and %d more", name, p.Name, len(t.Assumed)-i)
			break
		}
		k.l.log.Logf("%s %s: not measured: %s", name, p.Name, what)
	}
	for _, what := range t.Fitted {
		k.l.log.Logf("%s %s: fitted: %s", name, p.Name, what)
	}
	for _, w := range t.Waited {
		k.l.log.Logf("%s %s: disturbed: %s", name, p.Name, w)
	}
	from = from.Of(t.Emulated)
	assumed, fitted := t.Assumed, t.Fitted
	for i, inst := range metrics.Instances(p) {
		out, err := outcome(inst)
		if err != nil {
			return err
		}
		out.Origin = from
		if i >= mostTold { // it is the same of all
			assumed, fitted, out.Assumed = nil, nil, nil
		}
		k.found.Runs = append(k.found.Runs, result.PlanRun{
			Driver: name, Instance: inst, Emulated: t.Emulated, Origin: from, Restarts: t.Restarts, Assumed: assumed,
			Fitted: fitted,
			Trace:  path, Selected: selected, Results: recorded, States: t.States, Outcome: out,
		})
		if i == 0 && simulated.run != nil {
			k.found.Runs[len(k.found.Runs)-1].Resources = result.ResourcesOf(p, simulated.run)
		}
	}
	if kept.partly() {
		return nil // a timeline is of whole frames
	}
	return k.timeline(name, t)
}

// once runs a plan and writes its trace. It returns the trace, with the events of the timeline
// only where the driver needs no memory for it, and what gives the outcome of an instance.
func (k *keeper) once(ctx context.Context, d driver.Driver, p *plan.Plan, path string) (
	*trace.Trace, func(instance string) (result.Outcome, error), error,
) {
	if s, ok := measure.Streamer(d, p); ok {
		instances := make([]string, len(p.Work))
		for a := range p.Work {
			instances[a] = p.Work[a].Instance
		}
		shown := timeline.NewCollector(p.Workload.Frames, instances)
		t, all, err := measure.Streamed(ctx, s, p, path, shown.Add)
		if t != nil {
			t.Events = shown.Events()
		}
		return t, func(instance string) (result.Outcome, error) { return all.Outcome(instance, t) }, err
	}
	t, err := d.Run(ctx, p)
	if t != nil {
		err = errors.Join(err, result.Create(path, func(w io.Writer) error { return trace.Write(w, t) }))
	}
	if err != nil {
		return nil, nil, err
	}
	of := metrics.Measure
	if t.Restarts > 0 {
		of = metrics.Interrupted
	}
	return t, func(instance string) (result.Outcome, error) { return of(p, t, instance) }, nil
}

// timeline draws the timeline of a run.
func (k *keeper) timeline(name string, t *trace.Trace) error {
	note := fmt.Sprintf("%s, %s. Machine: %s. Date: %s.", k.found.Plan, name, k.found.Machine, k.found.Date)
	paths, err := drawTimeline(filepath.Join(k.out, "figures", "timeline-"+name), t, note)
	k.figures = append(k.figures, paths...)
	return err
}

// write writes tables and the report, and prints what was found.
func (k *keeper) write() error {
	var table, csv strings.Builder
	if err := errors.Join(k.found.WriteTable(&table), k.found.WriteCSV(&csv)); err != nil {
		return err
	}
	page := filepath.Join(k.out, "report.html")
	if err := errors.Join(
		writeJSON(filepath.Join(k.out, "runs.json"), k.found.Runs),
		result.WriteFile(filepath.Join(k.out, "table.txt"), []byte(table.String())),
		result.WriteFile(filepath.Join(k.out, "summary.csv"), []byte(csv.String())),
		report.WritePlan(page, &k.found, k.record, k.figures),
		k.writeResources(),
	); err != nil {
		return err
	}
	l := k.l
	l.log.done()
	if l.c.Bool("json") {
		return l.app.printJSON(k.found.Runs)
	}
	fmt.Fprint(l.app.env.Stdout, table.String())
	fmt.Fprintf(l.app.env.Stdout, "plan, traces, tables and report: %s\n", k.out)
	return nil
}

// writeResources writes what simulations made of devices and links, all of it.
func (k *keeper) writeResources() error {
	for i := range k.found.Runs {
		if r := k.found.Runs[i].Resources; r != nil {
			return result.Create(filepath.Join(k.out, "resources.csv"), r.WriteCSV)
		}
	}
	return nil
}

// end notes in the record whether the runs came to their end, and why not.
func (k *keeper) end(why error) error {
	k.record.Finished = why == nil
	if why != nil {
		k.record.Incomplete = why.Error()
		k.l.log.Logf("not finished; what there is of it: %s", k.out)
	}
	return k.record.Write(k.out)
}
