// Package servecmd is the command that shows runs to browsers on this machine. Package serve
// does it.
package servecmd

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"

	"github.com/urfave/cli/v2"

	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/edgeprune/edgeprune/experiments/internal/serve"
)

// Commands is the command with what it needs.
type Commands struct {
	Stdout  io.Writer
	Results func() string // the folder of results where none is named
	Logf    func(format string, args ...any)
}

// Command returns the command.
func (a *Commands) Command() *cli.Command {
	return &cli.Command{
		Name: "serve", ArgsUsage: "[DIR]",
		Usage: "list the runs in a folder of results, and show them in a browser on this machine",
		Description: "DIR is the folder of results by default. The address is printed, and is one of this machine\n" +
			"alone: other machines reach it by a tunnel, as ssh -L 8000:127.0.0.1:8000 HOST. The page lists runs, the newest\n" +
			"first, with the first sentence of their answers, sorts and filters them, and leads to reports and files. It is\n" +
			"made anew whenever it is loaded, also while runs are being written. Nothing is changed, and nothing outside of\n" +
			"DIR is shown, also where links lead there; who may open ports of this machine can read it. Ctrl-C ends it.\n\n" +
			"  edgeprune serve\n" +
			"  edgeprune serve results --port 8000",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "port", Usage: "`PORT` of the loopback interface; 0 is a free one", Value: "0"},
		},
		Action: a.serve,
	}
}

func (a *Commands) serve(c *cli.Context) error {
	if c.NArg() > 1 {
		return input.Error(fmt.Errorf("expected one folder of results, got %d arguments", c.NArg()))
	}
	port, err := strconv.ParseUint(c.String("port"), 10, 16)
	if err != nil {
		return input.Error(fmt.Errorf("--port %q: expected a number from 0 to 65535; the address is always 127.0.0.1, so "+
			"that no other machine reads the results", c.String("port")))
	}
	dir := c.Args().First()
	if dir == "" {
		dir = a.Results()
	}
	s, err := serve.Listen(filepath.Clean(dir), int(port))
	if errors.Is(err, serve.ErrFolder) {
		return input.Error(err)
	}
	if err != nil {
		return err
	}
	fmt.Fprintln(a.Stdout, s.URL())
	a.Logf("runs in %s; Ctrl-C ends this", dir)
	return s.Serve(c.Context)
}
