//go:build shells

package cli

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fish asks the script for what begins with a line.
func TestCompletionInFish(t *testing.T) {
	env := program(t)
	workFiles(t)
	for line, want := range map[string]string{
		"edgeprune stu": "study\task what-if questions of many simulated cases", "edgeprune study ch": "check\t",
		"edgeprune run --dri": "--driver\t", "edgeprune run --driver d": "deploy", "edgeprune run --driver=s": "--driver=sim",
		"edgeprune run m": "mine", "edgeprune model inspect net": "net.onnx", "edgeprune trace r": "run/",
	} {
		cmd := exec.Command("fish", "--no-config", "-c", "edgeprune completion fish | source; complete -C '"+line+"'")
		cmd.Env = env
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s: %s", line, out)
		assert.True(t, strings.HasPrefix(string(out), want), "%s: %s", line, out)
		assert.Equal(t, 1, strings.Count(string(out), "\n"), "%s: %s", line, out)
	}
}

// atTerminal types a line and a tabulator in an interactive zsh, and prints what the line is then.
const atTerminal = `zmodload zsh/zpty
zpty shell 'PS1=%%; exec zsh -f -i'
expect() { # reads until a text has come, which print doubles a letter of while it is typed
  local all= part
  while zpty -r shell part; do
    all+=$part
    [[ $all == *$1* ]] && { REPLY=$all; return 0; }
  done
  return 1
}
zpty -w shell 'autoload -Uz compinit && compinit -u -D'
zpty -w shell 'source <(edgeprune completion zsh)'
zpty -w shell 'tell() { print -r -- "line[$BUFFER]en""d" }; zle -N tell; bindkey "^X^T" tell; print load""ed'
expect loaded || exit 1
zpty -w -n shell "$1"$'\t\x18\x14'
expect ']end' || exit 1
REPLY=${REPLY##*line\[}
print -r -- "${REPLY%%\]end*}"
zpty -d shell
`

// zsh completes at a terminal what somebody types before the tabulator.
func TestCompletionInZsh(t *testing.T) {
	env := program(t)
	workFiles(t)
	for line, want := range map[string]string{
		"edgeprune stu": "edgeprune study ", "edgeprune study ch": "edgeprune study check ",
		"edgeprune run --dri": "edgeprune run --driver ", "edgeprune run --driver d": "edgeprune run --driver deploy ",
		"edgeprune run --driver=s": "edgeprune run --driver=sim ", "edgeprune run m": "edgeprune run mine ",
		"edgeprune model inspect net": "edgeprune model inspect net.onnx ", "edgeprune trace r": "edgeprune trace run/",
	} {
		cmd := exec.CommandContext(t.Context(), "timeout", "30", "zsh", "-f", "-c", atTerminal, "zsh", line)
		cmd.Env = append(env, "TERM=xterm")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s: %s", line, out)
		assert.Equal(t, want, strings.TrimSuffix(strings.TrimSuffix(string(out), "\n"), "\r"), line)
	}
}
