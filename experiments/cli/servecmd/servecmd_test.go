package servecmd_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/urfave/cli/v2"

	"github.com/edgeprune/edgeprune/core/yamlfile"
	"github.com/edgeprune/edgeprune/experiments/cli/servecmd"
)

// app is a program of this command, that writes to w.
func app(w io.Writer, results string) *cli.App {
	commands := &servecmd.Commands{
		Stdout: w, Results: func() string { return results },
		Logf: func(format string, args ...any) { fmt.Fprintf(io.Discard, format, args...) },
	}
	return &cli.App{Commands: []*cli.Command{commands.Command()}, ExitErrHandler: func(*cli.Context, error) {}}
}

// It prints its address, answers there, and ends without an error when it is told to.
func TestServe(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- app(w, t.TempDir()).RunContext(ctx, []string{"edgeprune", "serve"}) }()
	line, err := bufio.NewReader(r).ReadString('\n')
	require.NoError(t, err)
	assert.Regexp(t, `^http://127\.0\.0\.1:\d+/\n$`, line)
	answer, err := http.Get(strings.TrimSpace(line))
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, answer.StatusCode)
	require.NoError(t, answer.Body.Close())
	cancel()
	require.NoError(t, <-done)
	_, err = http.Get(strings.TrimSpace(line))
	require.Error(t, err, "the port is free again")
}

func TestRefusals(t *testing.T) {
	dir := t.TempDir()
	none := filepath.Join(dir, "none")
	const number = ": expected a number from 0 to 65535; the address is always 127.0.0.1, so that no other machine " +
		"reads the results"
	for want, args := range map[string][]string{
		"serve: no such folder of results: open " + none + ": no such file or directory": {none},
		"expected one folder of results, got 2 arguments":                                {dir, dir},
		`--port "0.0.0.0:80"` + number:                                                   {"--port", "0.0.0.0:80", dir},
		`--port "65536"` + number:                                                        {"--port", "65536", dir},
	} {
		err := app(io.Discard, dir).Run(append([]string{"edgeprune", "serve"}, args...))
		require.ErrorIs(t, err, yamlfile.ErrInput)
		assert.EqualError(t, err, yamlfile.ErrInput.Error()+": "+want)
	}
}
