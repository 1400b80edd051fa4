package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/edgeprune/edgeprune/core/yamlfile"
	"github.com/edgeprune/edgeprune/datasets"
	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/experiments/cli/modelcmd"
)

// stdout is the standard output. It knows whether something was written, and what failed.
type stdout struct {
	w       io.Writer
	written bool
	err     error
}

// Write implements io.Writer.
func (o *stdout) Write(p []byte) (int, error) {
	n, err := o.w.Write(p)
	o.written = o.written || n > 0
	if o.err == nil {
		o.err = err
	}
	return n, err
}

// failure is what a command prints as JSON in place of its result. Its field names are
// part of the interface.
type failure struct {
	Error failed `json:"error"`
}

type failed struct {
	Message  string `json:"message"`
	Kind     string `json:"kind"` // input: to be corrected; run: it failed; interrupted
	ExitCode int    `json:"exit_code"`
}

// report says why a command has failed, and returns its exit code.
func (a *App) report(ctx context.Context, err error) int {
	if err == nil && a.out.err != nil {
		err = fmt.Errorf("the standard output can't be written, so that what it says is not whole: %w", a.out.err)
	}
	if err == nil {
		return exitOK
	}
	f := failed{Message: err.Error(), Kind: "run", ExitCode: exitRun}
	switch {
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		f.Kind, f.Message = "interrupted", "stopped"
		if a.resumes {
			f.Message = "stopped; what was measured is kept, the same command goes on from there"
		}
	case errors.Is(err, yamlfile.ErrInput), errors.Is(err, datasets.ErrUnknown), errors.Is(err, datasets.ErrForeign),
		kernel.Misused(err), errors.Is(err, coordinator.ErrPlan):
		f.Kind, f.ExitCode = "input", exitInput
	case errors.Is(err, modelcmd.ErrNothing):
		f.ExitCode = exitNothing
	}
	name := "edgeprune:"
	if a.colours() {
		name = red + name + plain
	}
	fmt.Fprintf(a.env.Stderr, "%s %s\n", name, f.Message)
	if a.json && !a.out.written && a.out.err == nil {
		f.Message = strings.TrimPrefix(f.Message, yamlfile.ErrInput.Error()+": ")
		_ = json.NewEncoder(a.env.Stdout).Encode(failure{f}) // if it can't be written, the exit code says the rest
	}
	return f.ExitCode
}
