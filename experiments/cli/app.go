// Package cli is the command line: it reads flags and files, wires data sets,
// drivers and experiments together and prints. It may not compute a result. All
// state of the process is injected, so every command runs in a test.
package cli

import (
	"context"
	"io"
	"io/fs"
	"os"
	"runtime/debug"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/builtin"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/edgeprune/edgeprune/experiments/cli/completioncmd"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/edgeprune/edgeprune/experiments/internal/revision"
	"github.com/urfave/cli/v2"
)

// Exit codes.
const (
	exitOK    = 0
	exitRun   = 1 // something failed at run time
	exitInput = 2 // the user's input must be corrected
	// model verify verified nothing, and nothing differs
	exitNothing = 3
)

// Env is the state of the process that the commands use.
type Env struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Terminal       bool // Stderr is a terminal that can overwrite a line of progress
	Screen         bool // Stdin and Stdout are one on which a screen can be drawn
	// Columns returns how wide the terminal of Stderr is now; nil, or 0: that is not known.
	Columns func() int
	// Beat is after how long a step that goes on is told of again; 0: never.
	Beat       time.Duration
	Now        func() time.Time
	Args       []string                 // the whole command line, for the record of a run
	Getenv     func(name string) string // nil: no variable is set
	Getwd      func() (string, error)   // what relative paths are relative to, where they must be absolute
	Root       fs.FS                    // of the file system: /proc and /sys are read from it; nil: they are not there
	Executable string                   // of this program: agents are started from it
	Revision   revision.Info            // of this program
	// Kernels are those that plans can name; nil: the built-in ones. Package workbench
	// sets it for programs with kernels of their own.
	Kernels *kernel.Registry
}

func (e *Env) kernels() *kernel.Registry {
	if e.Kernels == nil {
		e.Kernels = builtin.Registry()
	}
	return e.Kernels
}

// Process returns the state of the running process.
func Process() Env {
	exe, err := os.Executable()
	if err != nil {
		exe = os.Args[0]
	}
	terminal := func(f *os.File) bool { return term.IsTerminal(f.Fd()) && os.Getenv("TERM") != "dumb" }
	return Env{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Now: time.Now, Executable: exe,
		Revision: programRevision(exe), Args: os.Args, Getenv: os.Getenv, Getwd: os.Getwd, Root: os.DirFS("/"),
		Terminal: terminal(os.Stderr), Columns: columns, Beat: 10 * time.Second,
		Screen: terminal(os.Stdin) && terminal(os.Stdout),
	}
}

// columns returns how wide the terminal of the standard error output is; 0 if it is none.
func columns() int {
	width, _, err := term.GetSize(os.Stderr.Fd())
	if err != nil {
		return 0
	}
	return width
}

// programRevision says which program runs, as far as can be told: an executable that can't
// be read has no digest.
func programRevision(exe string) revision.Info {
	build, _ := debug.ReadBuildInfo()
	info, err := revision.Of(build, func() (io.ReadCloser, error) { return os.Open(exe) })
	if err != nil {
		return revision.Info{Digest: "unknown"}
	}
	return info
}

// App is the command line with its state.
type App struct {
	env     Env
	out     *stdout // what env.Stdout is
	json    bool    // the command line asks for JSON
	resumes bool    // the command goes on with what is kept when it is given again
	shown   []*progress
}

// New returns the command line over env.
func New(env Env) *App {
	if env.Getenv == nil {
		env.Getenv = func(string) string { return "" }
	}
	out := &stdout{w: env.Stdout}
	env.Stdout = out
	return &App{env: env, out: out}
}

// Run executes one command line and returns the exit code: 0, 1 for a failure
// at run time, 2 for input that the user has to correct, 3 where nothing was verified.
func (a *App) Run(ctx context.Context, args []string) int {
	if len(args) > 1 && args[1] == completioncmd.Word {
		return a.report(ctx, a.complete(args[2:]))
	}
	a.json = asksJSON(args)
	app := a.program()
	ordered, err := flagsFirst(app, helpAsked(app, args))
	if err == nil {
		err = app.RunContext(ctx, ordered)
	}
	for _, p := range a.shown {
		p.done()
	}
	return a.report(ctx, err)
}

// program returns all commands.
func (a *App) program() *cli.App {
	app := &cli.App{
		Name:    "edgeprune",
		Usage:   "cut neural networks between devices, predict what every cut costs, and measure it",
		Version: a.versionText(),
		Description: "Start with a model of your own, or with this project's experiments, which take some minutes:\n\n" +
			"  edgeprune model inspect MODEL.onnx         what is in it, and where it can be cut\n" +
			"  edgeprune init mine --from MODEL.onnx      an experiment of it, with comments, and how to run it\n" +
			"  edgeprune explore mine                     the best cut of it\n" +
			"  edgeprune reproduce --quick                data, profiles, all experiments, figures\n\n" +
			"On this machine the devices are emulated, by processes that are slowed and links that are shaped. Each command\n" +
			"says more with --help.\n\n" + exitCodes,
		Writer: a.env.Stdout, ErrWriter: a.env.Stderr, Reader: a.env.Stdin,
		HideHelpCommand: true,
		ExitErrHandler:  func(*cli.Context, error) {},
		Flags: []cli.Flag{
			cli.HelpFlag, // the library leaves it out of a program with a command help
			&cli.StringFlag{
				Name: "cache", Usage: "`DIR` of data sets and profiles",
				DefaultText: "$EDGEPRUNE_CACHE, else $XDG_CACHE_HOME/edgeprune",
			},
			&cli.StringFlag{
				Name: "ort", Usage: "`FILE` of ONNX Runtime's shared library",
				DefaultText: "$" + ort.LibraryVariable + ", else that of `edgeprune datasets get`",
			},
		},
		Commands: append([]*cli.Command{
			a.reproduceCommand(), a.initCommands().Command(), a.checkCommands().Command(), a.runCommand(),
			a.profileCommand(), a.calibrateCommand(), a.codecsCommand(), a.leakageCommands().Command(),
			a.exploreCommands().Command(), a.studyCommands().Command(), a.datasetsCommand(), a.modelCommands().Command(),
			a.upCommand(), a.agentCommand(), a.brokerCommand(), a.compareCommands().Command(), a.serveCommands().Command(),
			a.traceCommand(), a.powerCommands().Command(), a.doctorCommands().Command(),
			a.testbedCommand(), a.topCommand(),
		}, a.helpCommands()...),
	}
	app.OnUsageError = func(_ *cli.Context, err error, _ bool) error { return flagError(err, "", app.Flags) }
	app.Action = func(c *cli.Context) error {
		if c.Args().Present() {
			return noCommand("", c.Args().First(), app.Commands)
		}
		return cli.ShowAppHelp(c)
	}
	for _, c := range app.Commands {
		check(c, "")
	}
	return app
}

func usage(err error) error { return input.Error(err) }
