package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/picture"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Help and version are commands, too, at every level.
func TestHelpCommands(t *testing.T) {
	same := func(want string, args ...string) {
		o, w := edgeprune(t, args...), edgeprune(t, strings.Fields(want)...)
		assert.Equal(t, exitOK, o.code, "%v: %s", args, o.stderr)
		assert.Contains(t, o.stdout, "USAGE", args)
		assert.Equal(t, w.stdout, o.stdout, args)
	}
	same("--help", "help")
	same("--help", "h")
	same("run --help", "help", "run")
	same("model split --help", "help", "model", "split")
	same("model split --help", "model", "help", "split")
	same("model --help", "model", "help")
	same("model", "help", "model")
	edgeprune(t, "help", "pictures").says(t, exitOK, "Format: by content, whatever the name")
	edgeprune(t, "pictures").says(t, exitOK, picture.Rule())
	o := edgeprune(t, "version")
	assert.Equal(t, exitOK, o.code)
	assert.Equal(t, edgeprune(t, "--version").stdout, o.stdout)
	assert.Contains(t, o.stdout, testRevision.String())
	assert.Contains(t, edgeprune(t, "help").stdout, strings.Split(exitCodes, "\n")[0])
}

// A name that is wrong is refused with the one that was meant.
func TestSuggestions(t *testing.T) {
	for _, tt := range []struct{ line, says string }{
		{"rum", `there is no command "rum"; did you mean "run"?; see edgeprune --help`},
		{"help rum", `did you mean "run"?`},
		{"rum --help", `did you mean "run"?`},
		{"model splt x", `there is no command "splt"; did you mean "split"?; see edgeprune model --help`},
		{"model splt --help", `did you mean "split"?`},
		{"datasets lst", `did you mean "list"?`},
		{"run --drivr sim x", "edgeprune run has no flag --drivr; did you mean --driver?; see edgeprune run --help"},
		{"run x --drivr=sim", "did you mean --driver?"},
		{"model verify --head 3 x", "edgeprune model verify has no flag --head; did you mean --heads?"},
		{"--cahce x run", "edgeprune has no flag --cahce; did you mean --cache?"},
		{"model inspect vehicle-clasifier", `did you mean "vehicle-classifier"?; such data sets are`},
		{"run x --driver depoly", `did you mean "deploy"?`},
		{"--json run x", "flags of a command stand behind its name"},
	} {
		edgeprune(t, strings.Fields(tt.line)...).refused(t, exitInput, tt.says)
	}
}

// What a command has no use for is refused by name, and flags of the program may stand
// behind the command.
func TestArgumentsThatAreNotTaken(t *testing.T) {
	for _, line := range []string{
		"reproduce extra", "calibrate extra", "datasets list extra", "agent --name x extra", "version extra",
	} {
		edgeprune(t, strings.Fields(line)...).refused(t, exitInput, `takes no argument; got "extra"`)
	}
	cache := filepath.Join(t.TempDir(), "elsewhere")
	for _, args := range [][]string{{"datasets", "list", "--cache", cache}, {"datasets", "list", "--cache=" + cache}} {
		o := edgeprune(t, args...)
		assert.Equal(t, exitOK, o.code, o.stderr)
		assert.NotContains(t, o.stdout, " ready ")
	}
}

// With --json, the standard output is one JSON document whatever goes wrong.
func TestJSONErrors(t *testing.T) {
	for _, line := range []string{
		"run --json no/such", "run --json", "run --json --drivr sim x", "check --json no/such.yaml", "check --json",
		"check --json --dot x", "profile --json no/such", "codecs --json no/such", "calibrate --json --frames 1",
		"model inspect --json no-such", "model cuts --json no-such", "model split --json no-such",
		"model verify --json no-such", "model optimise --json no-such", "rum --json", "datasets list --json --cach x",
		"run --json=true no/such", "run --json=1 no/such", "run --json=t no/such", "run -json=T no/such",
		"run --json=false --json no/such",
	} {
		o := edgeprune(t, strings.Fields(line)...)
		o.refused(t, exitInput)
		var f failure
		d := json.NewDecoder(strings.NewReader(o.stdout))
		d.DisallowUnknownFields()
		if !assert.NoError(t, d.Decode(&f), "%s: %s", line, o.stdout) {
			continue
		}
		assert.False(t, d.More(), "%s: more than one document: %s", line, o.stdout)
		assert.Equal(t, "input", f.Error.Kind, line)
		assert.Equal(t, exitInput, f.Error.ExitCode, line)
		assert.Equal(t, "edgeprune: bad input: "+f.Error.Message+"\n", o.stderr, line)
	}
	o := edgeprune(t, "run", "--", "--json")
	assert.Empty(t, o.stdout, "an argument is no flag")
	for _, flag := range []string{"--json=0", "--json=false", "--json=F"} {
		assert.Empty(t, edgeprune(t, "run", flag, "no/such").stdout, flag)
	}
}

// An interrupted command says so as JSON, too.
func TestJSONInterrupted(t *testing.T) {
	o := edgepruneIn(cancelled(t), "calibrate", "--json")
	o.refused(t, exitRun, "stopped")
	var f failure
	require.NoError(t, json.Unmarshal([]byte(o.stdout), &f), o.stdout)
	assert.Equal(t, failed{Message: "stopped", Kind: "interrupted", ExitCode: exitRun}, f.Error)
}

// full is an output without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// An output that can't be written is an error, not a result.
func TestOutputWithoutRoom(t *testing.T) {
	for _, args := range [][]string{{"datasets", "list"}, {"datasets", "list", "--json"}, {"check", gated}, {"version"}} {
		var stderr bytes.Buffer
		a := New(Env{
			Stdin: strings.NewReader(""), Stdout: full{}, Stderr: &stderr, Now: func() time.Time { return noon },
			Getenv: os.Getenv, Getwd: os.Getwd,
		})
		code := a.Run(t.Context(), append([]string{"edgeprune", "--cache", t.TempDir()}, args...))
		assert.Equal(t, exitRun, code, args)
		assert.Contains(t, stderr.String(), "no space left on device", args)
	}
}

// With --json, nothing but one JSON document is on the standard output when all goes well.
func TestJSONAlone(t *testing.T) {
	loadLibrary(t)
	source := sample(t, onnxtest.Separable())
	for _, args := range [][]string{
		{"check", gated}, {"datasets", "list"}, {"model", "inspect", source}, {"model", "cuts", source},
		{"model", "verify", source}, {"model", "verify", source, source},
		{"model", "split", source, "--at", "1", "-o", filepath.Join(t.TempDir(), "parts")},
		{"model", "optimise", source, "-o", filepath.Join(t.TempDir(), "fast.onnx")},
		{"run", small, "--driver", "sim"}, {"run", "--model", source, "--at", "1", "--driver", "sim", "--frames", "3"},
		{"calibrate", "--frames", "2"},
	} {
		o := edgeprune(t, append(args, "--json")...)
		require.Equal(t, exitOK, o.code, "%v: %s", args, o.stderr)
		d := json.NewDecoder(strings.NewReader(o.stdout))
		var v any
		require.NoError(t, d.Decode(&v), "%v: %.200s", args, o.stdout)
		assert.False(t, d.More(), "%v: more than one document: %.300s", args, o.stdout)
	}
}
