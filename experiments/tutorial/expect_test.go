package tutorial

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// anything is what a chapter writes for what varies: within a line, or as a line for any lines.
const anything = "..."

// expect says whether an output holds the lines that a chapter shows, one after the other. How many
// spaces part words doesn't matter: columns are as wide as what varies in them.
func expect(output, shown string) error {
	var lines []string
	for line := range strings.Lines(output) {
		lines = append(lines, spaced(line))
	}
	from, anywhere, matched := 0, true, ""
	for want := range strings.Lines(shown) {
		want = spaced(want)
		if want == anything {
			anywhere = true
			continue
		}
		pattern := pattern(want)
		at := from
		for anywhere && at < len(lines) && !pattern.MatchString(lines[at]) {
			at++
		}
		if at >= len(lines) || !pattern.MatchString(lines[at]) {
			return fmt.Errorf("the output doesn't show this line%s: %s", matched, want)
		}
		from, anywhere, matched = at+1, false, fmt.Sprintf(" behind %q", lines[at])
	}
	return nil
}

func spaced(line string) string { return strings.Join(strings.Fields(line), " ") }

func pattern(line string) *regexp.Regexp {
	parts := strings.Split(line, anything)
	for i, p := range parts {
		parts[i] = regexp.QuoteMeta(p)
	}
	return regexp.MustCompile("^" + strings.Join(parts, ".*") + "$")
}

func TestExpect(t *testing.T) {
	const output = "made lab\n\nDEVICE  STATE\nbox     free\n  hub   free\ndone in 1.2 s\n"
	for shown, says := range map[string]string{
		"":           "",
		"made lab\n": "",
		"DEVICE STATE\nbox free\nhub      free\n": "",
		"made lab\n...\nhub free\n":               "",
		"...\ndone in ... s\n":                    "",
		"made lab\ndone in ... s\n":               `doesn't show this line behind "made lab": done in ... s`,
		"hub free\n...\nbox free\n":               `doesn't show this line behind "hub free": box free`,
		"made\n":                                  "doesn't show this line: made",
		"done in 1.2 s\n...\n":                    "",
		"done in 1.2 s\nmore\n":                   `doesn't show this line behind "done in 1.2 s": more`,
		"done in 1?2 s\n":                         "doesn't show this line: done in 1?2 s",
	} {
		err := expect(output, shown)
		if says == "" {
			assert.NoError(t, err, shown)
			continue
		}
		assert.ErrorContains(t, err, says, shown)
	}
}
