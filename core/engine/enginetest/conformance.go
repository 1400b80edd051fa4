// Package enginetest is the conformance suite that every driver of the engine
// has to pass. It may only be imported by tests.
package enginetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/stretchr/testify/require"
)

// Driver runs a plan to its end and returns the record.
type Driver interface {
	Run(ctx context.Context, p *plan.Plan) (*trace.Trace, error)
}

// limit bounds the wall-clock time of one case.
const limit = time.Minute

// Conformance runs the suite's plans, and those given, under a new driver each,
// as subtests. It checks that every trace keeps the conservation laws, that
// every actor fires for every frame, that FIFOs keep their order and bounds at
// both ends, that tokens are consumed only after they were made, and that
// periodic sources keep to their schedule.
func Conformance(t *testing.T, newDriver func(t *testing.T) Driver, more ...*plan.Plan) {
	t.Helper()
	for _, p := range append(plans(), more...) {
		t.Run(p.Name, func(t *testing.T) {
			require.NoError(t, graph.Validate(p.Graph), "the plan itself is wrong")
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			tr, err := newDriver(t).Run(ctx, p)
			require.NoError(t, err)
			for _, problem := range Problems(p, tr) {
				t.Error(problem)
			}
		})
	}
}

// Problems returns all ways in which the trace of a plan's complete run breaks
// the contract; none if it keeps it.
func Problems(p *plan.Plan, tr *trace.Trace) []string {
	c := &check{plan: p, firings: make([][]*trace.Event, len(p.Work))}
	if tr.Partial != "" {
		c.fail("the run ended early: %s", tr.Partial)
	}
	if err := trace.Check(tr, engine.Laws(p.Slices())); err != nil {
		c.fail("%v", err)
	}
	line, err := trace.NewLine(tr)
	if err != nil {
		return append(c.problems, err.Error())
	}
	c.line = line
	c.split(tr)
	c.atrs()
	c.frames()
	for f := range p.Graph.FIFOs {
		c.precedence(f)
		c.credit(f)
	}
	c.schedule()
	c.queries()
	slices.Sort(c.problems)
	return c.problems
}
