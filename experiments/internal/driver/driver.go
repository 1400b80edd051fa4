// Package driver is what experiments ask of those who execute plans. It holds
// interfaces only: experiments/cli fills them.
package driver

import (
	"context"
	"time"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/codec/codecstat"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/summary"
	"github.com/edgeprune/edgeprune/core/trace"
)

// Driver executes plans. The simulator and the deployment are both drivers.
type Driver interface {
	// Run executes p once. A run that ended early returns its partial trace beside
	// the error.
	Run(ctx context.Context, p *plan.Plan) (*trace.Trace, error)
}

// Streamer is a Driver that needs no memory for the trace.
type Streamer interface {
	Driver
	// Stream executes p once and gives begin the header of the trace, without events, and
	// then each every event in the order of the trace, which is not kept. It returns the
	// header.
	Stream(ctx context.Context, p *plan.Plan, begin func(*trace.Trace) error, each func(*trace.Event) error) (
		*trace.Trace, error,
	)
}

// Summarizer is a Streamer that needs no trace to say what a run comes to.
type Summarizer interface {
	Streamer
	// Observe executes p once and sums it up; whoever observes it is given what it asks for.
	Observe(ctx context.Context, p *plan.Plan, o summary.Observer) (*summary.Run, error)
}

// Reference times a fixed computation now, which shows how fast the machine is.
type Reference func(ctx context.Context) (time.Duration, error)

// Oracle says what the sinks of a plan must record and what its configuration
// actors choose, by running the plan's kernels here and now without a network.
type Oracle interface {
	// Results returns the records of the sinks in the order of frames, and for every
	// configuration actor the atr of every frame.
	Results(ctx context.Context, p *plan.Plan) ([]trace.Result, []plan.Choice, error)
}

// Coder runs a plan in one process and says what the sinks recorded, and what became
// of every tensor that crosses between devices.
type Coder interface {
	// Coding returns the records of the sinks, and the tensors of frames from skip on.
	Coding(ctx context.Context, p *plan.Plan, skip int64) ([]trace.Result, []codecstat.Coding, error)
}

// Tapper runs a plan in one process and shows the tokens that its actors make.
type Tapper interface {
	// Tap runs the actors that include accepts, and shows what output port (index) of each gave
	// in a frame. The others run nothing and make zeros. The bytes are valid until see returns;
	// its error ends the run, and is returned.
	Tap(ctx context.Context, p *plan.Plan, include func(actor int) bool,
		see func(actor, port int, frame int64, token []byte) error) error
	// Crossing returns a boundary with a codec for tokens of a type; the Affine is of
	// int8-static, others ignore it. Its user closes it.
	Crossing(codec string, t graph.TokenType, a codec.Affine) (Crossing, error)
}

// Crossing is a boundary between two devices.
type Crossing interface {
	// Cross returns what arrives of a token, which is valid until the next call, and how many
	// bytes crossed.
	Cross(token []byte) (arrived []byte, sent int64, err error)
	Close() error
}

// Progress is told what a run does, by several goroutines at a time. Implementations
// print it.
type Progress interface {
	// Step says that step n of total begins; left is what the rest will take, 0 if
	// that is unknown.
	Step(what string, n, total int, left time.Duration)
	// Logf prints a line that stays.
	Logf(format string, args ...any)
}
