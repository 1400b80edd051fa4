package cli

import (
	"cmp"
	"fmt"
	"runtime"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/power"
	"github.com/edgeprune/edgeprune/deploy/transport"
	"github.com/edgeprune/edgeprune/experiments/cli/access"
	"github.com/edgeprune/edgeprune/experiments/cli/checkcmd"
	"github.com/edgeprune/edgeprune/experiments/cli/comparecmd"
	"github.com/edgeprune/edgeprune/experiments/cli/doctorcmd"
	"github.com/edgeprune/edgeprune/experiments/cli/initcmd"
	"github.com/edgeprune/edgeprune/experiments/cli/modelcmd"
	"github.com/edgeprune/edgeprune/experiments/cli/powercmd"
	"github.com/edgeprune/edgeprune/experiments/cli/servecmd"
	"github.com/edgeprune/edgeprune/experiments/cli/studycmd"
	"github.com/edgeprune/edgeprune/experiments/cli/testbedcmd"
	"github.com/edgeprune/edgeprune/experiments/cli/topcmd"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
	"github.com/edgeprune/edgeprune/experiments/internal/profiles"
	"github.com/edgeprune/edgeprune/experiments/internal/record"
	"github.com/urfave/cli/v2"
)

// modelCommands are the commands on one model, with the state of this program.
func (a *App) modelCommands() *modelcmd.Commands {
	return &modelcmd.Commands{
		Stdout: a.env.Stdout, JSON: a.printJSON,
		Session: func(c *cli.Context) (*modelcmd.Session, error) {
			l, err := a.session(c)
			if err != nil {
				return nil, err
			}
			return l.model(), nil
		},
	}
}

// model is the session as commands on a model see it.
func (l *session) model() *modelcmd.Session {
	return &modelcmd.Session{
		Context: l.c, Store: l.store, Runtime: l.runtime, Step: l.log.Step, Done: l.log.done, Close: l.close,
		Machine: l.machine,
	}
}

// initCommands is the command that writes the files to begin with, with the state of this program.
func (a *App) initCommands() *initcmd.Commands {
	return &initcmd.Commands{Stdout: a.env.Stdout, Session: a.modelCommands().Session, Absolute: a.absolute}
}

// checkCommands is the command that checks a graph, with the state of this program.
func (a *App) checkCommands() *checkcmd.Commands {
	return &checkcmd.Commands{Session: func(c *cli.Context) (*checkcmd.Session, error) {
		l, err := a.session(c)
		if err != nil {
			return nil, err
		}
		return &checkcmd.Session{
			Context: c, Stdout: a.env.Stdout, Kernels: func(app *planfile.Application, pos func(path string) graph.Pos) error {
				return checkKernels(app, pos, a.env.kernels().Names())
			}, Models: l.models, ModelFiles: l.modelFiles,
			Named: func(pf *plan.Platform, file string) (*profiles.Set, error) {
				l.simulates = true
				err := l.name(pf, file)
				return l.named, err
			},
			ProfilePath: l.profilePath, Absolute: a.absolute, Done: l.log.done, Close: l.close,
		}, nil
	}}
}

// testbedCommand is the group of commands on a testbed of several machines.
func (a *App) testbedCommand() *cli.Command {
	log := a.progress()
	o := &testbedcmd.Operator{
		Stdout: a.env.Stdout, JSON: a.printJSON, Now: a.env.Now, Logf: log.Logf, Step: log.Step, Done: log.done,
		Access: operatorFlags, Dial: a.dialAsOperator,
	}
	return &cli.Command{
		Name: "testbed", Usage: "make a testbed of several machines; see and end what runs on one; measure its links",
		Description: "  edgeprune testbed init lab --server hub=hub.local --device jetson1\n" +
			"  edgeprune testbed status --testbed lab/testbed.yaml",
		Subcommands: append([]*cli.Command{testbedcmd.Init(a.env.Stdout, a.printJSON, a.env.Now)}, o.Commands()...),
	}
}

// operatorFlags say where the server of a testbed is, and who asks there.
func operatorFlags() []cli.Flag {
	return append(access.Flags(), &cli.StringFlag{Name: "nats", Usage: "`URL` of the NATS server",
		DefaultText: "that of --testbed, else nats://127.0.0.1:4222"}, access.CoordinatorFlag())
}

// dialAsOperator connects to the server that these flags name, until closeIt.
func (a *App) dialAsOperator(c *cli.Context) (d *coordinator.Driver, closeIt func(), err error) {
	who, err := access.Coordinator(c)
	if err != nil {
		return nil, nil, err
	}
	if d, err = coordinator.Dial(who); err != nil {
		return nil, nil, usage(err)
	}
	d.Version = a.env.Revision.String()
	return d, func() { transport.Close(d.Conn) }, nil
}

// topCommand shows a testbed live.
func (a *App) topCommand() *cli.Command {
	t := &topcmd.Top{Stdin: a.env.Stdin, Stdout: a.env.Stdout, Terminal: a.env.Screen, Access: operatorFlags,
		Dial: a.dialAsOperator}
	if t.Terminal {
		t.Stdout = a.out.w // the terminal itself, which tells its size
	}
	return t.Command()
}

// powerCommands is the command that reads power meters, with the state of this program.
func (a *App) powerCommands() *powercmd.Commands {
	return &powercmd.Commands{
		Stdout: a.env.Stdout, JSON: a.printJSON, Root: a.env.Root, NVML: power.NVML, Now: a.env.Now,
		Logf: func(format string, args ...any) { fmt.Fprintf(a.env.Stderr, format+"\n", args...) },
	}
}

// compareCommands is the command that says what changed between runs, with the state of this
// program.
func (a *App) compareCommands() *comparecmd.Commands {
	return &comparecmd.Commands{
		Stdout: a.env.Stdout, JSON: a.printJSON,
		Logf: func(format string, args ...any) { fmt.Fprintf(a.env.Stderr, format+"\n", args...) },
	}
}

// serveCommands is the command that shows runs in a browser, with the state of this program.
func (a *App) serveCommands() *servecmd.Commands {
	return &servecmd.Commands{
		Stdout: a.env.Stdout, Results: func() string { return cmp.Or(a.env.Getenv(resultsVariable), "results") },
		Logf: func(format string, args ...any) { fmt.Fprintf(a.env.Stderr, format+"\n", args...) },
	}
}

// doctorCommands is the command that says what this machine has, with the state of this program.
func (a *App) doctorCommands() *doctorcmd.Commands {
	return &doctorcmd.Commands{
		Stdout: a.env.Stdout, JSON: a.printJSON, Root: a.env.Root, NVML: power.NVML,
		Machine: func(c *cli.Context) (*doctorcmd.Machine, error) {
			store, err := a.store(c)
			if err != nil {
				return nil, err
			}
			return &doctorcmd.Machine{Name: a.machine(), Library: a.library(c, store.Dir), Store: store}, nil
		},
	}
}

// studyCommands are the commands on studies, with the state of this program.
func (a *App) studyCommands() *studycmd.Commands {
	log := a.progress()
	return &studycmd.Commands{
		Stdout: a.env.Stdout, JSON: a.printJSON,
		Log: func() driver.Progress { return log },
		// What a compiler makes of sums and products of floating-point numbers differs between processors.
		Program: a.env.Revision.String() + ", " + runtime.GOARCH,
		Session: func(c *cli.Context) (*studycmd.Session, error) {
			l, err := a.session(c)
			if err != nil {
				return nil, err
			}
			return &studycmd.Session{
				Models: l.modelsAlone, ProfilePath: l.profilePath, Results: l.results(), Lock: l.lock, Run: l.studyRecord,
				Resumes: func() { a.resumes = true }, Log: l.log, Now: a.env.Now, Done: l.log.done, Close: l.close,
			}, nil
		},
		Simulator: summarizerOf,
	}
}

// studyRecord is the record of a run of a study, of which only this program takes part.
func (l *session) studyRecord() *record.Run {
	return &record.Run{
		Inputs:  record.Inputs{Program: l.app.env.Revision, Machine: l.machine},
		Command: l.app.command(), Started: l.app.env.Now().UTC(), Governor: l.app.governor(),
		Device: l.app.deviceState(), Go: runtime.Version(),
	}
}
