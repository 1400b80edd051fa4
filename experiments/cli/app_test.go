package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/urfave/cli/v2"
)

func TestHelp(t *testing.T) {
	for _, args := range [][]string{
		{"--help"}, {}, {"run", "--help"}, {"datasets", "get", "--help"}, {"model"}, {"model", "split", "--help"},
		{"model", "split", "some.onnx", "-h"},
	} {
		o := edgeprune(t, args...)
		assert.Equal(t, exitOK, o.code, "%v: exit code %d, stderr %q, stdout\n", args, o.code, o.stderr)
		assert.Empty(t, o.stderr, "%v: exit code %d, stderr %q, stdout\n", args, o.code, o.stderr)
		assert.Contains(t, o.stdout, "USAGE", "%v: exit code %d, stderr %q, stdout\n", args, o.code, o.stderr)
	}
	o := edgeprune(t, "--help")
	for _, command := range []string{
		"reproduce", "check", "run", "profile", "calibrate", "datasets", "model", "up", "agent", "trace",
	} {
		assert.Contains(t, o.stdout, "   "+command+" ", "the help doesn't list")
	}
	o = edgeprune(t, "--version")
	assert.Equal(t, exitOK, o.code, "version")
	assert.Contains(t, o.stdout, testRevision.String(), "version")
}

// What the user wrote wrongly on the command line ends with exit code 2 and
// one line.
func TestBadCommandLines(t *testing.T) {
	for _, tt := range []struct {
		args []string
		says string
	}{
		{[]string{"frobnicate"}, `there is no command "frobnicate"`},
		{[]string{"--frobnicate"}, "frobnicate"},
		{[]string{"run", "--frobnicate", "x"}, "frobnicate"},
		{[]string{"datasets", "list", "--frobnicate"}, "frobnicate"},
		{[]string{"datasets", "frobnicate"}, "frobnicate"},
		{[]string{"datasets", "get", "frobnicate"}, "frobnicate"},
		{[]string{"run"}, "got 0 arguments"},
		{[]string{"run", "a", "b"}, "got 2 arguments"},
		{[]string{"run", "a", "--driver", "magic"}, `--driver "magic": expected sim, deploy or both`},
		{[]string{"run", "a", "--quick", "--full"}, "not both"},
		{[]string{"run", "no/such/folder"}, "no/such/folder"},
		{[]string{"profile"}, "got 0 arguments"},
		{[]string{"profile", "no/such/folder"}, "no/such/folder"},
		{[]string{"calibrate", "--frames", "1"}, "--frames 1"},
		{[]string{"calibrate", "--frames", "many"}, "many"},
		{[]string{"reproduce", "--experiments", "no/such/folder"}, "no/such/folder"},
		{[]string{"reproduce", "--quick", "--full"}, "not both"},
		{[]string{"check"}, "got 0 arguments"},
		{[]string{"codecs", "x", "--calibrate", "--json"}, "--json does not go with --calibrate"},
		{[]string{"codecs", "x", "--calibrate", "--codec", "int8"}, "--codec does not go with --calibrate"},
		{[]string{"check", "-o", "a", "x", "--output=b"}, "--output is given twice"},
		{[]string{"check", "--json", "--dot", "x"}, "give one of"},
		{[]string{"check", "no/such/plan.yaml"}, "no/such/plan.yaml"},
		{[]string{"up"}, "got 0 arguments"},
		{[]string{"up", "no/such/plan.yaml"}, "no/such/plan.yaml"},
		{[]string{"agent"}, "name"},
		{[]string{"agent", "--name", "box", "--log-level", "wran"},
			`edgeprune: bad input: --log-level "wran": expected debug, info, warn or error; did you mean "warn"?`},
	} {
		t.Run(strings.Join(tt.args, " "), func(t *testing.T) {
			results := filepath.Join(t.TempDir(), "results")
			args := tt.args
			if c := args[0]; c == "run" || c == "reproduce" {
				args = append(slices.Clone(args), "--results", results)
			}
			o := edgeprune(t, args...)
			o.refused(t, exitInput, tt.says)
			n := strings.Count(o.stderr, "\n")
			assert.Equal(t, 1, n, "%d lines:\n%s", n, o.stderr)
			absent(t, results)
		})
	}
}

func TestListDatasets(t *testing.T) {
	cache := filepath.Join(t.TempDir(), "cache")
	o := edgeprune(t, "--cache", cache, "datasets", "list", "--json")
	var list []struct {
		Name  string
		Ready bool
	}
	err := json.Unmarshal([]byte(o.stdout), &list)
	require.NoError(t, err)
	require.Equal(t, exitOK, o.code, o.stderr)
	var names []string
	for _, d := range list {
		names = append(names, d.Name)
		assert.False(t, d.Ready, "%s is ready in an empty cache", d.Name)
	}
	for _, want := range []string{
		"onnxruntime", "ssd-mobilenet-v1-300", "ssd-mobilenet-v1-512", "face-clip", "vehicle-classifier",
		"vehicle-renderings",
	} {
		assert.Contains(t, names, want, "%s isn't among", want)
	}
	absent(t, cache)
	o = edgeprune(t, "--cache", cache, "datasets", "list")
	lines := strings.Split(strings.TrimSpace(o.stdout), "\n")
	assert.Equal(t, exitOK, o.code)
	require.Len(t, lines, 1+len(list))
	assert.True(t, strings.HasPrefix(lines[0], "NAME"))
}

// A library that was given and isn't there is an error that lists where it was
// looked for; no other one is taken in its place.
func TestMissingLibrary(t *testing.T) {
	results := filepath.Join(t.TempDir(), "results")
	for _, args := range [][]string{
		{"--ort", "/nowhere/libonnxruntime.so.1", "run", filepath.Join("..", "vehicle-classification"), "--results", results},
		{"--ort", "/nowhere/libonnxruntime.so.1", "run", filepath.Join("testdata", "plan.yaml"), "--driver", "sim"},
	} {
		o := edgeprune(t, args...)
		o.refused(t, exitInput, "ONNX Runtime library not found", "datasets get onnxruntime", ort.LibraryVariable,
			"tried:\n  /nowhere/libonnxruntime.so.1 (flag)")
	}
	absent(t, results)
}

func TestInterrupted(t *testing.T) {
	o := edgepruneIn(cancelled(t), "calibrate")
	o.refused(t, exitRun, "stopped")
}

// cancelled is the context of a command that is interrupted at once.
func cancelled(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

func TestFlagsFirst(t *testing.T) {
	value := &cli.StringFlag{Name: "driver", Aliases: []string{"d"}}
	app := &cli.App{
		Flags: []cli.Flag{&cli.StringFlag{Name: "cache"}},
		Commands: []*cli.Command{
			{Name: "run", Flags: []cli.Flag{value, &cli.BoolFlag{Name: "json"}}},
			{Name: "datasets", Subcommands: []*cli.Command{{Name: "list", Flags: []cli.Flag{&cli.BoolFlag{Name: "json"}}}}},
		},
	}
	for _, tt := range []struct{ in, want string }{
		{"p", "p"},
		{"p run x --driver sim", "p run --driver sim x"},
		{"p run --driver sim x", "p run --driver sim x"},
		{"p run x -d sim --json", "p run -d sim --json x"},
		{"p run x --driver=sim y", "p run --driver=sim x y"},
		{"p run x --json y", "p run --json x y"},
		{"p --cache c run x --json", "p --cache c run --json x"},
		{"p --cache run run x", "p --cache run run x"},
		{"p datasets list --json", "p datasets list --json"},
		{"p run x -- --json run", "p run x -- --json run"},
		{"p run - --json", "p run --json -"},
		{"p run x run", "p run x run"},
		{"p run x --driver", "p run --driver x"},
		{"p run x --unknown y", "p run --unknown x y"},
		{"p run x --cache c", "p --cache c run x"},
		{"p run --cache=c x --json", "p --cache=c run --json x"},
	} {
		in := strings.Fields(tt.in)
		got, err := flagsFirst(app, slices.Clone(in))
		assert.NoError(t, err, tt.in)
		assert.Equal(t, tt.want, strings.Join(got, " "), tt.in)
	}
	for _, line := range []string{
		"p run -d sim x --driver=both", "p run --driver sim --driver sim x", "p run x --cache c --cache d",
	} {
		_, err := flagsFirst(app, strings.Fields(line))
		assert.ErrorContains(t, err, "is given twice", line)
	}
	_, err := flagsFirst(app, strings.Fields("p run --json --json --driver --driver x"))
	assert.NoError(t, err, "a value may look like the flag")
}

func TestProcess(t *testing.T) {
	e := Process()
	assert.NotEmpty(t, e.Executable)
	assert.Equal(t, os.Stdout, e.Stdout)
	assert.False(t, e.Now().IsZero())
}

func TestTraceCommand(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.jsonl")
	var b bytes.Buffer
	err := trace.Write(&b, &trace.Trace{Plan: "p", Driver: "sim", Events: []trace.Event{
		{Kind: trace.Firing, Device: "slow", Unit: "cpu", Name: "camera", FIFO: -1, Start: 1000, End: 3000},
	}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, b.Bytes(), 0o600))
	o := edgeprune(t, "trace", path)
	assert.Equal(t, 0, o.code, "exit code %d, stdout %s, stderr %s", o.code, o.stdout, o.stderr)
	assert.Contains(t, o.stdout, `"camera"`, "exit code %d, stdout %s, stderr %s", o.code, o.stdout, o.stderr)
	assert.True(t, json.Valid([]byte(o.stdout)), "exit code %d, stdout %s, stderr %s", o.code, o.stdout, o.stderr)
	edgeprune(t, "trace").refused(t, exitInput, "expected one trace file")
	edgeprune(t, "trace", filepath.Join(t.TempDir(), "none")).refused(t, exitInput, "none")
	require.NoError(t, os.WriteFile(path, []byte("no trace\n"), 0o600))
	edgeprune(t, "trace", path).refused(t, exitInput, path)
}
