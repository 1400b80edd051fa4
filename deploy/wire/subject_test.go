package wire

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The server's permissions rely on where names stand.
func TestSubjectsNameSenderAndReceiver(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range []string{
		DataSubject("from", "to", "r", 1), AckSubject("from", "to", "r", 1), DataSubject("from", "to", "r", 11),
		DataSubject("from", "to", "q", 1), TraceSubject("from", "to", "r"), ErrorSubject("from", "to", "r"),
		OrderSubject("from", "to", Load), OrderSubject("from", "to", Start), ProbeSubject("from", "to"),
		ReceivedSubject("from", "to", "r"), LeaseSubject("from", "to", "r"),
		HelloSubject("from", "to", "r"), HelloSubject("from", "to", "q"),
	} {
		assert.False(t, seen[s], "%s is used twice", s)
		seen[s] = true
		tokens := strings.Split(s, ".")
		assert.Equal(t, "edgeprune", tokens[0])
		assert.Equal(t, []string{"from", "to"}, tokens[2:4], s)
		assert.Equal(t, "from", Sender(s))
	}
	assert.Equal(t, "edgeprune.alive.d.all", AliveSubject("d"))
	assert.Equal(t, "d", Sender(AliveSubject("d")))
	for _, s := range []string{"", "x", "edgeprune.alive.d"} {
		assert.Empty(t, Sender(s))
	}
}

func TestCheckName(t *testing.T) {
	for _, name := range []string{"d0", "jetson-1_b", "A", strings.Repeat("x", 64)} {
		require.NoError(t, CheckName("device", name))
	}
	for name, text := range map[string]string{
		"":                      "bad name: the run has none; expected letters, digits, '-' and '_'",
		">":                     `bad name: run ">"; expected letters from A to Z, digits, '-' and '_' only`,
		"*":                     `bad name: run "*"; expected letters from A to Z, digits, '-' and '_' only`,
		"a.b":                   `bad name: run "a.b"; expected letters from A to Z, digits, '-' and '_' only`,
		"a b":                   `bad name: run "a b"; expected letters from A to Z, digits, '-' and '_' only`,
		"a/b":                   `bad name: run "a/b"; expected letters from A to Z, digits, '-' and '_' only`,
		"ä":                     `bad name: run "ä"; expected letters from A to Z, digits, '-' and '_' only`,
		"a\x1b[2J":              `bad name: run "a\x1b[2J"; expected letters from A to Z, digits, '-' and '_' only`,
		"all":                   `bad name: no run may be called "all", which stands for all`,
		strings.Repeat("x", 65): "bad name: that of the run has 65 bytes; expected at most 64",
	} {
		err := CheckName("run", name)
		require.ErrorIs(t, err, ErrName)
		assert.EqualError(t, err, text)
	}
}

func TestAnswersGoToWhoHasAsked(t *testing.T) {
	for _, reply := range []string{"", "_INBOX.x", "_INBOX.x.1", "_INBOX_c0.x", "_INBOX_c0.x.1"} {
		assert.True(t, AnswerTo(reply, "c0"), reply)
	}
	for _, reply := range []string{"_INBOX_c1.x", "_INBOX_c0x.y", "_INBOX_c0", "_INBOX", "edgeprune.data.d0.d1.r.0",
		"$JS.x", "_INBOX_.x"} {
		assert.False(t, AnswerTo(reply, "c0"), reply)
	}
}
