package cli

import (
	"strings"

	"github.com/edgeprune/edgeprune/deploy/transport"
)

// command is the command line for the records of a run, without what is secret in it.
func (a *App) command() []string {
	var line []string
	next := false
	for _, arg := range a.env.Args {
		name, value, given := strings.Cut(arg, "=")
		isNats := strings.HasPrefix(name, "-") && strings.TrimLeft(name, "-") == "nats"
		switch {
		case next:
			arg = transport.Redacted(arg)
		case isNats && given:
			arg = name + "=" + transport.Redacted(value)
		}
		next = !next && isNats && !given
		line = append(line, arg)
	}
	return line
}
