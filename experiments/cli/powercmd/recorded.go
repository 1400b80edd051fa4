package powercmd

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/core/trace/states"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
)

// recorded is a run of a plan as it is kept: its trace, and the file of its plan.
type recorded struct {
	path  string
	trace *trace.Trace
	plan  *planfile.File
	read  []string // the files
}

// traces returns the traces that an argument names: a file, or the deployed runs in a folder of
// results.
func traces(arg string) ([]string, error) {
	info, err := os.Stat(arg)
	if err != nil {
		return nil, input.Error(err)
	}
	if !info.IsDir() {
		return []string{arg}, nil
	}
	found, err := filepath.Glob(filepath.Join(arg, "traces", "deploy", "*.jsonl"))
	if err != nil {
		return nil, err
	}
	var all []string
	for _, path := range found {
		if !strings.HasSuffix(path, "-results.jsonl") {
			all = append(all, path)
		}
	}
	if len(all) == 0 {
		return nil, input.Error(fmt.Errorf("%s has no traces/deploy/*.jsonl; expected a folder such as results/NAME/RUN of "+
			"a run that was deployed", arg))
	}
	return all, nil
}

// load reads a trace and the file of its plan: by default that which is kept with it.
func load(path, planPath string) (*recorded, error) {
	b, err := input.Read(path)
	if err != nil {
		return nil, err
	}
	t, err := trace.Read(bytes.NewReader(b))
	if err != nil {
		return nil, input.Error(fmt.Errorf("%s: %w", path, err))
	}
	if t.Driver != "deploy" {
		return nil, input.Error(fmt.Errorf("%s is of the driver %q; a meter measures deployed runs", path, t.Driver))
	}
	if planPath == "" {
		run := filepath.Join(filepath.Dir(path), "..", "..")
		name := strings.TrimSuffix(filepath.Base(path), ".jsonl") + ".yaml"
		for _, kept := range []string{filepath.Join(run, "plans", name), filepath.Join(run, "plan.yaml")} {
			if _, err := os.Stat(kept); err == nil {
				planPath = kept
				break
			}
		}
		if planPath == "" {
			return nil, input.Error(fmt.Errorf("the plan of %s is not kept with it; give it by --plan", path))
		}
	}
	text, err := input.ReadYAML(planPath)
	if err != nil {
		return nil, err
	}
	f, err := planfile.Parse(planPath, text)
	if err != nil {
		return nil, err
	}
	if f.Plan != t.Plan {
		return nil, input.Error(fmt.Errorf("%s is of the plan %q, and %s is the plan %q", path, t.Plan, planPath, f.Plan))
	}
	return &recorded{path: path, trace: t, plan: f, read: []string{path, planPath}}, nil
}

// states returns what a device did in the run.
func (r *recorded) states(device string) (*states.Device, error) {
	lanes := map[string]int{}
	for _, d := range r.plan.Platform.Devices {
		if d.Name != device {
			continue
		}
		for _, u := range d.Units {
			lanes[u.Name] = max(u.Lanes, 1)
		}
	}
	d, err := states.Of(r.trace, device, lanes)
	if err != nil {
		return nil, input.Error(fmt.Errorf("%s: %w", r.path, err))
	}
	return d, nil
}
