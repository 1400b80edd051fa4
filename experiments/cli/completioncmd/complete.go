package completioncmd

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// Word is what the scripts call this program with, before the words of the command line.
const Word = "__complete"

// Candidate is what may stand at the cursor.
type Candidate struct {
	Value, About string
}

// Completer finds what may stand at the end of a command line.
type Completer struct {
	Program *cli.App
	// Names lists the names of a kind, see kinds; none where they can't be known.
	Names func(kind string) []Candidate
}

// Print prints the candidates for the last of the words behind the program's name, one a
// line, with what they are behind a tab.
func (k *Completer) Print(w io.Writer, words []string) error {
	if len(words) == 0 {
		words = []string{""}
	}
	for _, c := range k.Candidates(words[:len(words)-1], words[len(words)-1]) {
		line := c.Value
		if about := strings.Join(strings.Fields(c.About), " "); about != "" {
			line += "\t" + about
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}

// place is where in the tree of commands the words before the cursor lead.
type place struct {
	flags    []cli.Flag
	commands []*cli.Command
	takes    string   // what arguments the command takes, as its help has it
	value    cli.Flag // whose value is next; nil: none
	given    int      // arguments of the command
	closed   bool     // all that follows is an argument
}

func (k *Completer) walk(words []string) place {
	at := place{flags: k.Program.Flags, commands: k.Program.Commands}
	for _, word := range words {
		if at.value != nil {
			at.value = nil
			continue
		}
		if word == "--" {
			at.closed = true
		}
		if strings.HasPrefix(word, "-") && word != "-" && !at.closed {
			if f := k.flag(at, word); f != nil && takesValue(f) && !strings.Contains(word, "=") {
				at.value = f
			}
			continue
		}
		i := slices.IndexFunc(at.commands, func(c *cli.Command) bool { return c.HasName(word) })
		if i < 0 || at.given > 0 {
			at.given++
			continue
		}
		c := at.commands[i]
		at = place{flags: c.Flags, commands: c.Subcommands, takes: c.ArgsUsage}
		if c.Name == "help" {
			at.commands = k.Program.Commands
		}
	}
	return at
}

// flag returns the flag that a word names, of the command or of the program.
func (k *Completer) flag(at place, word string) cli.Flag {
	name, _, _ := strings.Cut(strings.TrimLeft(word, "-"), "=")
	for _, f := range slices.Concat(at.flags, k.Program.Flags) {
		if slices.Contains(f.Names(), name) {
			return f
		}
	}
	return nil
}

// Candidates returns what may stand in place of the last word, which begins with it.
func (k *Completer) Candidates(before []string, last string) []Candidate {
	at := k.walk(before)
	name, value, given := strings.Cut(last, "=")
	switch {
	case at.value != nil:
		return k.values(placeholder(at.value), at.value.Names()[0], last)
	case strings.HasPrefix(last, "-") && given && !at.closed:
		f := k.flag(at, name)
		if f == nil {
			return nil
		}
		list := k.values(placeholder(f), f.Names()[0], value)
		for i := range list {
			list[i].Value = name + "=" + list[i].Value
		}
		return list
	case strings.HasPrefix(last, "-") && !at.closed:
		return k.flags(at, last)
	}
	var list []Candidate
	if at.given == 0 {
		for _, c := range at.commands {
			if !c.Hidden && strings.HasPrefix(c.Name, last) {
				list = append(list, Candidate{c.Name, c.Usage})
			}
		}
	}
	return append(list, k.values(at.takes, "", last)...)
}

// flags returns those that begin with what is written.
func (k *Completer) flags(at place, last string) []Candidate {
	var list []Candidate
	for _, f := range slices.Concat(at.flags, k.Program.Flags, []cli.Flag{cli.HelpFlag}) {
		about := ""
		if d, ok := f.(cli.DocGenerationFlag); ok {
			about = strings.ReplaceAll(d.GetUsage(), "`", "")
		}
		name := "--" + f.Names()[0]
		known := func(c Candidate) bool { return c.Value == name }
		if strings.HasPrefix(name, last) && !slices.ContainsFunc(list, known) {
			list = append(list, Candidate{name, about})
		}
	}
	return list
}

func takesValue(f cli.Flag) bool {
	d, ok := f.(cli.DocGenerationFlag)
	return ok && d.TakesValue()
}

// placeholder returns what stands between backquotes in a flag's help.
func placeholder(f cli.Flag) string {
	d, ok := f.(cli.DocGenerationFlag)
	if !ok {
		return ""
	}
	_, rest, _ := strings.Cut(d.GetUsage(), "`")
	text, _, _ := strings.Cut(rest, "`")
	return text
}
