package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/urfave/cli/v2"
)

// example is a line of a help text that is indented and begins with the program's name. What
// follows two spaces, or a sign of the shell, is no part of the command line.
var example = regexp.MustCompile(`(?m)^ {2,}(?:source <\()?(edgeprune(?: [^\s|>)]+)*)`)

// Every command has an example of its own in its help, and every example, also in the help
// of others, names commands, flags and files that there are.
func TestExamples(t *testing.T) {
	app := New(Env{}).program()
	t.Run("edgeprune", func(t *testing.T) { examples(t, app, "edgeprune", app.Description) })
	var walk func(path string, commands []*cli.Command)
	walk = func(path string, commands []*cli.Command) {
		for _, c := range commands {
			if c.Name == "help" || c.Hidden {
				continue
			}
			of := path + " " + c.Name
			t.Run(of, func(t *testing.T) {
				lines := examples(t, app, of, c.Description)
				own := slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line+" ", of+" ") })
				assert.True(t, own, "the help of %s has no example: give its Description a line with spaces in front and "+
					"`%s …` as somebody would type it", of, of)
			})
			walk(of, c.Subcommands)
		}
	}
	walk("edgeprune", app.Commands)
}

// examples returns those of a text, and has the test fail for each that is wrong.
func examples(t *testing.T, app *cli.App, of, text string) []string {
	t.Helper()
	var lines []string
	for _, m := range example.FindAllStringSubmatch(text, -1) {
		lines = append(lines, m[1])
		assert.NoError(t, tryExample(app, strings.Fields(m[1])), "%s: %s", of, m[1])
	}
	return lines
}

// tryExample parses a command line against the commands that there are. Files of this
// repository that it names must be there.
func tryExample(app *cli.App, words []string) error {
	flags, commands, usage := app.Flags, app.Commands, ""
	for i := 1; i < len(words); i++ {
		word := words[i]
		switch {
		case strings.HasPrefix(word, "-") && word != "-":
			known := slices.Concat(flags, app.Flags, []cli.Flag{cli.HelpFlag, cli.VersionFlag})
			if !hasFlag(known, word) {
				return fmt.Errorf("there is no flag %s", word)
			}
			if takesValue(known, word) && !strings.Contains(word, "=") {
				i++
			}
			if i == len(words) {
				return fmt.Errorf("%s has no value", word)
			}
			continue
		case strings.HasPrefix(word, "experiments/") && !strings.Contains(word, "NAME"):
			if _, err := os.Stat(filepath.Join("../..", word)); err != nil {
				return err
			}
		}
		at := slices.IndexFunc(commands, func(c *cli.Command) bool { return c.HasName(word) })
		switch {
		case at >= 0:
			flags, commands, usage = commands[at].Flags, commands[at].Subcommands, commands[at].ArgsUsage
		case len(commands) > 0 && usage == "":
			return fmt.Errorf("there is no command %s", word)
		case usage == "":
			return fmt.Errorf("it takes no argument such as %s", word)
		}
	}
	return nil
}

// A line that has rotted is told from one that has not.
func TestExamplesThatAreWrong(t *testing.T) {
	app := New(Env{}).program()
	for line, says := range map[string]string{
		"edgeprune rum x":                            "there is no command rum",
		"edgeprune model splt x":                     "there is no command splt",
		"edgeprune run --drivr sim x":                "there is no flag --drivr",
		"edgeprune run x --driver":                   "--driver has no value",
		"edgeprune calibrate x":                      "it takes no argument such as x",
		"edgeprune run experiments/ssd-trackin":      "no such file",
		"edgeprune run experiments/ssd-tracking":     "",
		"edgeprune datasets list --cache=x --json":   "",
		"edgeprune model split x.onnx --at pw6 -o y": "",
	} {
		err := tryExample(app, strings.Fields(line))
		if says == "" {
			assert.NoError(t, err, line)
			continue
		}
		assert.ErrorContains(t, err, says, line)
	}
}
