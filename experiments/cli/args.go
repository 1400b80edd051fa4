package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/urfave/cli/v2"
)

// flagsFirst moves the flags of a command before its arguments, so that both
// `run DIR --driver sim` and `run --driver sim DIR` work; the library stops
// reading flags at the first argument. Flags of the program may stand behind the command,
// too. A flag of one value that is given twice is an error. What follows "--" stays. Asked
// for help, it leaves the arguments out, but for one that should be a command.
func flagsFirst(app *cli.App, args []string) ([]string, error) {
	flags, commands := app.Flags, app.Commands
	var program []string // its flags that stand behind the command
	head := args[:1:1]
	rest := args[1:]
	var moved, arguments []string
	for len(rest) > 0 {
		arg := rest[0]
		rest = rest[1:]
		if arg == "--" {
			arguments = append(append(arguments, arg), rest...)
			break
		}
		if strings.HasPrefix(arg, "-") && arg != "-" {
			to, of := &moved, flags
			if !isHelp(arg) && !hasFlag(flags, arg) && hasFlag(app.Flags, arg) {
				to, of = &program, app.Flags
			}
			if name := repeated(of, *to, arg); name != "" {
				return nil, usage(fmt.Errorf("%s is given twice, and takes one value", dashed(name)))
			}
			*to = append(*to, arg)
			if takesValue(of, arg) && len(rest) > 0 {
				*to, rest = append(*to, rest[0]), rest[1:]
			}
			continue
		}
		at := slices.IndexFunc(commands, func(c *cli.Command) bool { return c.HasName(arg) })
		if at < 0 || len(arguments) > 0 {
			arguments = append(arguments, arg)
			continue
		}
		head = append(append(head, moved...), arg)
		moved, flags, commands = nil, commands[at].Flags, commands[at].Subcommands
	}
	if slices.ContainsFunc(moved, isHelp) {
		if len(commands) > 0 && len(arguments) > 0 { // there is no such command
			moved = slices.DeleteFunc(moved, isHelp)
		} else {
			arguments = nil // the library would take the first for a topic
		}
	}
	return slices.Concat(head[:1], program, head[1:], moved, arguments), nil
}

// repeated returns the name of arg's flag if it is among those given before, and doesn't
// take several values.
func repeated(flags []cli.Flag, before []string, arg string) string {
	for _, f := range flags {
		switch f := f.(type) {
		case *cli.StringSliceFlag, *cli.BoolFlag:
			continue
		case *cli.GenericFlag:
			if _, many := f.Value.(*input.List); many {
				continue
			}
		}
		if !hasFlag([]cli.Flag{f}, arg) {
			continue
		}
		for i := 0; i < len(before); i++ {
			if hasFlag([]cli.Flag{f}, before[i]) {
				return f.Names()[0]
			}
			if takesValue(flags, before[i]) {
				i++
			}
		}
	}
	return ""
}

func isHelp(arg string) bool { return arg == "--help" || arg == "-h" }

// hasFlag reports whether arg, with a value behind = or not, is one of the flags.
func hasFlag(flags []cli.Flag, arg string) bool {
	name, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
	return slices.ContainsFunc(flags, func(f cli.Flag) bool { return slices.Contains(f.Names(), name) })
}

// asksJSON reports whether a command line has the flag --json, with any value that the
// library takes for true.
func asksJSON(args []string) bool {
	asked := false
	for _, arg := range args {
		if arg == "--" {
			break
		}
		name, value, given := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		if !strings.HasPrefix(arg, "-") || name != "json" {
			continue
		}
		yes, err := strconv.ParseBool(value)
		asked = !given || err == nil && yes // as for the library, the last one counts
	}
	return asked
}

// takesValue reports whether arg is a known flag whose value is the next
// argument.
func takesValue(flags []cli.Flag, arg string) bool {
	name := strings.TrimLeft(arg, "-")
	for _, f := range flags {
		if _, isBool := f.(*cli.BoolFlag); !isBool && slices.Contains(f.Names(), name) {
			return true
		}
	}
	return false
}
