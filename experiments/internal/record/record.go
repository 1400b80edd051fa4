// Package record is run.json: what a run was made from and by what, and which unfinished
// run another one goes on with. It may not run an experiment.
package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/edgeprune/edgeprune/core/device"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/revision"
)

// Inputs are what the results of a run depend on. A run that is broken off goes on if all
// are equal: results of two programs are never mixed.
type Inputs struct {
	Program    revision.Info     `json:"program"`
	Experiment string            `json:"experiment_sha256,omitempty"` // of experiment.yaml
	Plan       string            `json:"plan_sha256,omitempty"`       // of the plan, of a run of one
	Study      string            `json:"study_sha256,omitempty"`      // of all that a study reads
	Models     map[string]string `json:"models_sha256"`               // by name
	Effort     string            `json:"effort"`
	Drivers    string            `json:"drivers"`
	Machine    string            `json:"machine"`
	Runtime    string            `json:"onnxruntime"`
}

// differ names what is not equal, each with the other's value first; nil if all is.
func (i *Inputs) differ(other *Inputs) []string {
	var all []string
	add := func(what, own, others string) {
		if own != others {
			all = append(all, fmt.Sprintf("%s %s, now %s", what, others, own))
		}
	}
	add("program", i.Program.String(), other.Program.String())
	if i.Program != other.Program && len(all) == 0 {
		all = append(all, "another program")
	}
	if i.Experiment != other.Experiment {
		all = append(all, "another experiment.yaml")
	}
	if i.Study != other.Study {
		all = append(all, "another study, or other files that it names")
	}
	if !maps.Equal(i.Models, other.Models) {
		all = append(all, "other models")
	}
	add("effort", i.Effort, other.Effort)
	add("drivers", i.Drivers, other.Drivers)
	add("machine", i.Machine, other.Machine)
	add("ONNX Runtime", i.Runtime, other.Runtime)
	return all
}

// Run is the record of a run.
type Run struct {
	Inputs   Inputs    `json:"inputs"`
	Finished bool      `json:"finished"`
	Command  []string  `json:"command"`
	Started  time.Time `json:"started"`
	Governor string    `json:"cpu_governor"` // "unknown" where it can't be read
	// Device is the state of this machine at the start.
	Device     device.State `json:"device_state"`
	Go         string       `json:"go"`
	Seed       uint64       `json:"seed"`
	Incomplete string       `json:"incomplete,omitempty"` // why cases are missing
	// NotResumed says which unfinished runs this one didn't go on with, and why.
	NotResumed []string `json:"not_resumed,omitempty"`
	// Testbed is what the experiment ran on; nil: on this machine.
	Testbed *result.Testbed `json:"testbed,omitempty"`
	// Agents are those of the testbed's devices, by these.
	Agents map[string]Agent `json:"agents,omitempty"`
	// Real says that all was measured on devices of the testbed, none of which was slowed, over
	// links that were not shaped.
	Real bool `json:"real,omitempty"`
	// Profiled says when the stored profile was made, and in how many rounds.
	Profiled string `json:"profiled,omitempty"`
}

// Agent is what is known of a device of a testbed before the run.
type Agent struct {
	Version     string              `json:"version"` // of its program
	Host        string              `json:"host"`
	Runtime     string              `json:"onnxruntime,omitempty"`
	Fingerprint *device.Fingerprint `json:"fingerprint,omitempty"`
	State       *device.State       `json:"device_state,omitempty"` // nil: the agent can't read it
}

// File is the record in a run's folder.
const File = "run.json"

// Open returns the folder below dir of the latest unfinished run with the inputs of run,
// and its record; or makes a folder for run, see New. resumed says which. The caller holds
// the folder's Lock.
func Open(dir string, run *Run) (out string, opened *Run, resumed bool, err error) {
	runs, err := os.ReadDir(dir) // in the order of names, which is that of time
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", nil, false, fmt.Errorf("record: %w", err)
	}
	for _, entry := range slices.Backward(runs) {
		name := entry.Name()
		b, err := os.ReadFile(filepath.Join(dir, name, File))
		if result.NoFile(err) {
			continue
		}
		if err != nil {
			return "", nil, false, fmt.Errorf("record: %w", err)
		}
		var old Run
		if err := json.Unmarshal(b, &old); err != nil {
			run.NotResumed = append(run.NotResumed, fmt.Sprintf("%s: its %s can't be read: %v", name, File, err))
			continue
		}
		if old.Finished || old.Inputs.Plan != "" { // a run of a plan is never gone on with
			continue
		}
		why := run.Inputs.differ(&old.Inputs)
		if len(why) == 0 {
			return filepath.Join(dir, name), &old, true, nil
		}
		run.NotResumed = append(run.NotResumed, name+": "+strings.Join(why, "; "))
	}
	out, err = New(dir, run)
	return out, run, false, err
}

// New makes a folder below dir for a run, named after the time at which it was started,
// and writes its record there. Of runs that were started at the same time, each gets its own.
func New(dir string, run *Run) (out string, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("record: %w", err)
	}
	base := filepath.Join(dir, run.Started.Format("20060102-150405.000"))
	out, err = base, os.Mkdir(base, 0o755)
	for n := 2; errors.Is(err, fs.ErrExist); n++ {
		out = fmt.Sprintf("%s-%d", base, n)
		err = os.Mkdir(out, 0o755)
	}
	if err != nil {
		return "", fmt.Errorf("record: %w", err)
	}
	if err := run.Write(out); err != nil {
		return "", errors.Join(err, os.Remove(out))
	}
	return out, nil
}

// Write writes the record to a run's folder, atomically.
func (r *Run) Write(out string) error {
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("record: encode %s: %w", File, err)
	}
	return result.WriteFile(filepath.Join(out, File), append(b, '\n'))
}
