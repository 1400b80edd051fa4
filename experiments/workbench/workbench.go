// Package workbench is the program: the commands of edgeprune, with kernels of one's own
// beside the built-in ones. It may not do more than put them together: commands are in
// package cli, kernels in package kernel.
package workbench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/builtin"
	"github.com/edgeprune/edgeprune/experiments/cli"
)

// Option adds something of the program's own.
type Option func(*program) error

type program struct {
	kernels *kernel.Registry
}

// Kernel adds a kernel, which plans and experiments can then name. A name that is taken
// is kernel.ErrDuplicate.
func Kernel(name string, n kernel.New) Option {
	return func(p *program) error { return p.kernels.Register(name, n) }
}

// Main runs the command that the process was started with, and ends the process with
// its exit code. SIGINT, SIGTERM, SIGHUP and SIGQUIT end the command early, and cleanly; a
// second one ends the process as the system does. One that the process was started without,
// as nohup does, stays without effect. It is all that a main function does: agents on this
// machine are processes of the same program.
func Main(options ...Option) {
	ctx, stop := signal.NotifyContext(context.Background(), heard()...)
	go func() {
		<-ctx.Done()
		stop()
	}()
	code := Run(ctx, cli.Process(), options...)
	stop()
	os.Exit(code)
}

// heard are the signals that end a command.
func heard() []os.Signal {
	return slices.DeleteFunc([]os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT}, signal.Ignored)
}

// Run runs the command env.Args, whose first element is the program's name, in an
// environment that the caller gives, such as that of a test. It returns the exit code: 0,
// 1 for a failure at run time, 2 for input that the user has to change, options that
// don't fit together among it.
func Run(ctx context.Context, env cli.Env, options ...Option) int {
	p := &program{kernels: builtin.Registry()}
	var errs []error
	for _, o := range options {
		errs = append(errs, o(p))
	}
	if err := errors.Join(errs...); err != nil {
		fmt.Fprintf(env.Stderr, "%s: %v\n", env.Args[0], err)
		return 2
	}
	env.Kernels = p.kernels
	return cli.New(env).Run(ctx, env.Args)
}
