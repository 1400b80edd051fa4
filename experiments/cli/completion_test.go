package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// candidates returns what may stand at the end of a command line, in a folder with a model, a
// plan, a study and two experiments.
func candidates(t *testing.T, line string) []string {
	t.Helper()
	words := strings.Split(line, " ")
	o := edgeprune(t, append([]string{"__complete"}, words...)...)
	require.Equal(t, exitOK, o.code, o.stderr)
	require.Empty(t, o.stderr)
	var values []string
	for l := range strings.Lines(o.stdout) {
		value, _, _ := strings.Cut(strings.TrimSuffix(l, "\n"), "\t")
		values = append(values, value)
	}
	return values
}

// workFiles makes the working directory one with files of all kinds.
func workFiles(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{
		"net.onnx", "plan.yaml", "notes.txt", ".hidden.yaml", "mine/experiment.yaml", "other/notes.txt", "run/a.jsonl",
		"sim/x", "with space.yaml", "-$(exit).yaml", "two\nlines.yaml",
	} {
		write(t, filepath.Join(dir, name), "")
	}
	t.Chdir(dir)
}

// What may stand at the cursor: commands, flags of the command and of the program, and values.
func TestCompletion(t *testing.T) {
	workFiles(t)
	for line, want := range map[string][]string{
		"stu":                    {"study"},
		"study ":                 {"run", "check", "worker", "status"},
		"model sp":               {"split"},
		"help mod":               {"model"},
		"run --dr":               {"--driver"},
		"run --driver ":          {"sim", "deploy", "both"},
		"run --driver s":         {"sim"},
		"run --driver=s":         {"--driver=sim"},
		"run --driver sim m":     {"mine"},
		"run p":                  {"plan.yaml"},
		"run --ca":               {"--cache"},
		"run --json --cache o":   {"other/"},
		"study check w":          {"with space.yaml"},
		"model inspect n":        {"nanodet", "net.onnx"},
		"init x --kind st":       {"study"},
		"init x --pictures fa":   {"face-photographs", "face-clip", "face-clip-still"},
		"codecs mine --codec fp": {"fp16"},
		"datasets get vehicle-c": {"vehicle-classifier"},
		"trace run/":             {"run/a.jsonl"},
		"agent --log-level w":    {"warn"},
		"completion f":           {"fish"},
		"frobnicate --":          {"--help", "--cache", "--ort"},
		"run -- --dr":            nil,
		"run -- -":               {"-$(exit).yaml"},
		"run two":                nil,
		"run --frobnicate=":      nil,
		"run no/such/":           nil,
		"run --frames ":          nil,
	} {
		assert.ElementsMatch(t, want, candidates(t, line), line)
	}
	assert.Contains(t, candidates(t, ""), "reproduce")
	assert.NotContains(t, candidates(t, ""), "broker", "a hidden command")
	assert.Contains(t, candidates(t, "run --"), "--model")
	assert.NotContains(t, candidates(t, "run "), ".hidden.yaml")
	assert.Contains(t, edgeprune(t, "__complete", "stu").stdout, "study\task what-if questions")
	assert.Equal(t, exitOK, edgeprune(t, "__complete").code)
}

func TestCompletionScripts(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		edgeprune(t, "completion", shell).says(t, exitOK, "__complete", shell+" completion of edgeprune")
	}
	edgeprune(t, "completion", "bsh").refused(t, exitInput,
		`there is no script for shell "bsh"; there are bash, zsh, fish; did you mean "bash"?`)
	edgeprune(t, "completion").refused(t, exitInput, "expected a shell, bash, zsh, fish; got 0 arguments")
}

// program puts a program named edgeprune into the path of a shell's process, and returns its
// environment.
func program(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	self, err := os.Executable()
	require.NoError(t, err)
	require.NoError(t, os.Symlink(self, filepath.Join(dir, "edgeprune")))
	return append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), childVariable+"=yes", "HOME="+dir)
}

// bash completes by the script what it is asked for, as it parts the line into words.
func TestCompletionInBash(t *testing.T) {
	env := program(t)
	workFiles(t)
	for _, tt := range []struct{ words, want string }{
		{"stu", "study"}, {"study ch", "check"}, {"run --dri", "--driver"}, {"run --driver d", "deploy"},
		{"run --driver = s", "sim"}, {"run --driver =", "sim deploy both"}, {"run m", "mine"},
		{"study check w", `with\ space.yaml`}, {"run -- -", `-\$\(exit\).yaml`},
		{"model inspect net", "net.onnx"}, {"trace r", "run/"},
	} {
		words := strings.Split(tt.words, " ")
		script := `source <(edgeprune completion bash); complete -p edgeprune >/dev/null || exit 1
COMP_WORDS=(edgeprune "$@"); COMP_CWORD=$#; _edgeprune; printf '%s\n' "${COMPREPLY[@]}"`
		cmd := exec.Command("bash", append([]string{"--norc", "-c", script, "bash"}, words...)...)
		cmd.Env = env
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s: %s", tt.words, out)
		assert.Equal(t, strings.Fields(strings.ReplaceAll(tt.want, `\ `, "\x00")),
			strings.Fields(strings.ReplaceAll(string(out), `\ `, "\x00")), tt.words)
	}
}
