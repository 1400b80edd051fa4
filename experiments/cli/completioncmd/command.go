// Package completioncmd completes command lines: it prints a script for a shell, which asks
// this program for what may stand at the cursor. The library's own completion knows commands
// and flags, and no values; this one reads the same tree of commands.
package completioncmd

import (
	"embed"
	"fmt"
	"io"
	"strings"

	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/urfave/cli/v2"
)

//go:embed scripts
var scripts embed.FS

// Shells are those that there is a script for.
func Shells() []string { return []string{"bash", "zsh", "fish"} }

// Command returns the command that prints a script.
func Command(stdout io.Writer) *cli.Command {
	return &cli.Command{
		Name: "completion", ArgsUsage: strings.Join(Shells(), " | "),
		Usage: "print a script that has a shell complete commands, flags and values",
		Description: "Load it in the file that your shell reads at its start:\n\n" +
			"  source <(edgeprune completion bash)       in ~/.bashrc\n" +
			"  source <(edgeprune completion zsh)        in ~/.zshrc, behind compinit\n" +
			"  edgeprune completion fish | source        in ~/.config/fish/config.fish\n\n" +
			"It completes commands, flags, and values: models, data sets, experiments, plans, studies, codecs, kinds, files.",
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return input.Error(fmt.Errorf("expected a shell, %s; got %d arguments", strings.Join(Shells(), ", "), c.NArg()))
			}
			shell := c.Args().First()
			script, err := scripts.ReadFile("scripts/completion." + shell)
			if err != nil {
				return input.Error(fmt.Errorf("there is no script for shell %q; there are %s%s", shell,
					strings.Join(Shells(), ", "), nearest.Hint(shell, Shells())))
			}
			_, err = stdout.Write(script)
			return err
		},
	}
}
