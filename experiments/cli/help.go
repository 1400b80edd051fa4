package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/core/picture"
	"github.com/edgeprune/edgeprune/experiments/cli/completioncmd"
	"github.com/urfave/cli/v2"
)

// exitCodes is what the help says of them; README.md says the same.
const exitCodes = `Exit codes: 0 done; 1 something failed while it ran; 2 what was given must be corrected, and nothing
was run; 3 model verify verified nothing, and nothing differs. With --json, the standard output is one JSON document:
the result, or {"error": {"message", "kind", "exit_code"}}, whose kind is input, run or interrupted. All else goes to
the standard error.`

// helpCommands are the commands that tell of others. helpAsked makes flags of help before
// the library sees it.
func (a *App) helpCommands() []*cli.Command {
	return []*cli.Command{
		completioncmd.Command(a.env.Stdout),
		{
			Name: "help", Aliases: []string{"h"}, ArgsUsage: "[COMMAND ...]",
			Usage:  "say what a command does, and list its flags",
			Action: cli.ShowAppHelp,
		},
		{
			Name: "pictures", Usage: "say how pictures are read, and what may be set of it",
			Description: picture.Rule() + "\n\n  edgeprune pictures",
			Action: func(*cli.Context) error {
				_, err := fmt.Fprintln(a.env.Stdout, picture.Rule())
				return err
			},
		},
		{
			Name: "version", Usage: "print what the program was built from, and by what",
			Description: "The revision is the commit that the program was built from; modified says that the sources were\n" +
				"others. Then, and where the build knows no commit, the SHA-256 of the executable tells it from others.\n\n" +
				"  edgeprune version\n" +
				"  edgeprune version --json",
			Flags:  []cli.Flag{&cli.BoolFlag{Name: "json", Usage: "print JSON"}},
			Action: a.version,
		},
	}
}

// helpAsked turns `help COMMAND` and `COMMAND help SUBCOMMAND` into the command with --help.
func helpAsked(app *cli.App, args []string) []string {
	flags, commands := app.Flags, app.Commands
	for i := 1; i < len(args) && len(commands) > 0; i++ {
		arg := args[i]
		if strings.HasPrefix(arg, "-") {
			if takesValue(flags, arg) {
				i++
			}
			continue
		}
		if arg == "help" || arg == "h" {
			if i == len(args)-1 && i == 1 {
				return args
			}
			return append(slices.Delete(slices.Clone(args), i, i+1), "--help")
		}
		at := slices.IndexFunc(commands, func(c *cli.Command) bool { return c.HasName(arg) })
		if at < 0 {
			return args
		}
		flags, commands = commands[at].Flags, commands[at].Subcommands
	}
	return args
}

// noCommand says that a group of commands, "" for the program, has none of a name.
func noCommand(group, name string, commands []*cli.Command) error {
	var known []string
	for _, c := range commands {
		if !c.Hidden {
			known = append(known, c.Names()...)
		}
	}
	return usage(fmt.Errorf("there is no command %q%s; see %s --help", name, nearest.Hint(name, known),
		strings.TrimSpace("edgeprune "+group)))
}

// check has a command and those below it refuse wrong flags, wrong sub-commands, and
// arguments where it takes none, by name.
func check(command *cli.Command, path string) {
	path = strings.TrimSpace(path + " " + command.Name)
	command.OnUsageError = func(_ *cli.Context, err error, _ bool) error { return flagError(err, path, command.Flags) }
	switch act := command.Action; {
	case len(command.Subcommands) > 0 && act == nil:
		command.Action = func(c *cli.Context) error {
			if c.Args().Present() {
				return noCommand(path, c.Args().First(), command.Subcommands)
			}
			return cli.ShowSubcommandHelp(c)
		}
	case command.ArgsUsage == "":
		command.Action = func(c *cli.Context) error {
			if c.Args().Present() {
				return usage(fmt.Errorf("edgeprune %s takes no argument; got %q", path, c.Args().First()))
			}
			return act(c)
		}
	}
	for _, c := range command.Subcommands {
		check(c, path)
	}
}

// flagError says of a flag that there is none of its name, in the words of this program.
func flagError(err error, path string, flags []cli.Flag) error {
	name, unknown := strings.CutPrefix(err.Error(), "flag provided but not defined: -")
	if !unknown {
		return usage(valueError(err, flags))
	}
	name = strings.TrimLeft(name, "-")
	known := cli.HelpFlag.Names()
	for _, f := range flags {
		known = append(known, f.Names()...)
	}
	hint := ""
	if near := nearest.Of(name, known); near != "" {
		hint = "; did you mean " + dashed(near) + "?"
	} else if path == "" {
		hint = "; flags of a command stand behind its name"
	}
	command := strings.TrimSpace("edgeprune " + path)
	return usage(fmt.Errorf("%s has no flag %s%s; see %s --help", command, dashed(name), hint, command))
}

// valueError says what a flag takes where the library only says that it couldn't parse the value.
func valueError(err error, flags []cli.Flag) error {
	about, cut := strings.CutSuffix(err.Error(), ": parse error")
	if !cut {
		return err
	}
	i := strings.LastIndex(about, "-") + 1
	for _, f := range flags {
		if !slices.Contains(f.Names(), about[i:]) {
			continue
		}
		switch f := f.(type) {
		case *cli.IntFlag, *cli.Int64Flag, *cli.UintFlag, *cli.Uint64Flag:
			return fmt.Errorf("%s: expected a whole number such as 10", about)
		case *cli.Float64Flag:
			return fmt.Errorf("%s: expected a number such as %g", about, max(f.Value, 1.5))
		case *cli.BoolFlag:
			return fmt.Errorf("%s: expected true or false, or the flag alone", about)
		}
	}
	return err
}

func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}
