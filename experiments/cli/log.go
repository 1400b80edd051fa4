package cli

import (
	"fmt"
	"log/slog"

	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/urfave/cli/v2"
)

var logLevels = []string{"debug", "info", "warn", "error"}

func logFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "log-level", Usage: "`LEVEL` from which on standard error tells what the agent does: debug, " +
			"info, warn or error", Value: "info"},
		&cli.BoolFlag{Name: "log-json", Usage: "log a JSON object a line"},
	}
}

// logger returns the log that the flags ask for, on standard error.
func (a *App) logger(c *cli.Context) (*slog.Logger, error) {
	var level slog.Level
	name := c.String("log-level")
	if err := level.UnmarshalText([]byte(name)); err != nil {
		return nil, usage(fmt.Errorf("--log-level %q: expected debug, info, warn or error%s", name,
			nearest.Hint(name, logLevels)))
	}
	o := &slog.HandlerOptions{Level: level}
	if c.Bool("log-json") {
		return slog.New(slog.NewJSONHandler(a.env.Stderr, o)), nil
	}
	return slog.New(slog.NewTextHandler(a.env.Stderr, o)), nil
}
