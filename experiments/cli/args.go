package cli

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// flagsFirst moves the flags of a command before its arguments, so that both
// `run DIR --driver sim` and `run --driver sim DIR` work; the library stops
// reading flags at the first argument. What follows "--" stays. Asked for help, it
// leaves the arguments out.
func flagsFirst(app *cli.App, args []string) []string {
	flags, commands := app.Flags, app.Commands
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
			moved = append(moved, arg)
			if takesValue(flags, arg) && len(rest) > 0 {
				moved, rest = append(moved, rest[0]), rest[1:]
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
	if slices.Contains(moved, "--help") || slices.Contains(moved, "-h") {
		arguments = nil // the library would take the first for a topic
	}
	return append(append(head, moved...), arguments...)
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
