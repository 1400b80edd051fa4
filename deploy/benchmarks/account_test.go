package benchmarks

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/stretchr/testify/require"
)

// account is where the resident memory of an agent is, in bytes by item.
type account map[string]float64

// The items of an account. The pages of a file that are clean are those of every process
// of the same program; the system can take them back at any time.
const (
	programClean = "program's file, clean"
	programDirty = "program's file, written"
	libraryClean = "ONNX Runtime's library, clean"
	libraryDirty = "ONNX Runtime's library, written"
	otherFiles   = "other files"
	goObjects    = "Go: objects (FIFOs, messages, records)"
	goFree       = "Go: room in the heap"
	goStacks     = "Go: stacks"
	goRuntime    = "Go: runtime"
	native       = "ONNX Runtime and C: model, arenas, heap, stacks"
)

var items = []string{
	programClean, programDirty, libraryClean, libraryDirty, otherFiles,
	goObjects, goFree, goStacks, goRuntime, native,
}

// newAccount splits the resident memory that a status tells of: files by the process's
// mappings, and the rest into what the Go runtime says that it holds, and what is not Go's.
func newAccount(b *testing.B, s wire.AgentStatus) account {
	b.Helper()
	a := account{
		goObjects: float64(s.Go.ObjectBytes), goFree: float64(s.Go.FreeBytes),
		goStacks: float64(s.Go.StackBytes), goRuntime: float64(s.Go.RuntimeBytes),
	}
	f, err := os.Open(fmt.Sprintf("/proc/%d/smaps", s.PID))
	require.NoError(b, err)
	defer f.Close()
	var file string
	for scanner := bufio.NewScanner(f); scanner.Scan(); {
		fields := strings.Fields(scanner.Text())
		if len(fields) > 1 && strings.Contains(fields[0], "-") {
			file = ""
			if len(fields) > 5 && strings.HasPrefix(fields[5], "/") {
				file = fields[5]
			}
			continue
		}
		var kib float64
		if len(fields) < 2 || fields[0] != "Rss:" && fields[0] != "Anonymous:" {
			continue
		}
		_, err := fmt.Sscan(fields[1], &kib)
		require.NoError(b, err)
		n := kib * 1024
		clean, dirty := otherFiles, otherFiles
		switch {
		case file == "":
			continue // Go's or native
		case strings.Contains(file, programName):
			clean, dirty = programClean, programDirty
		case strings.Contains(file, "libonnxruntime"):
			clean, dirty = libraryClean, libraryDirty
		}
		if fields[0] == "Rss:" {
			a[clean] += n
		} else {
			a[clean] -= n
			a[dirty] += n
		}
	}
	a[native] = float64(s.RSSBytes) - a.resident()
	return a
}

// resident returns all of it.
func (a account) resident() (sum float64) {
	for _, n := range a {
		sum += n
	}
	return sum
}

// clean returns what the process shares with others, or could.
func (a account) clean() float64 { return a[programClean] + a[libraryClean] + a[otherFiles] }

// private returns what the process has for itself, and its end would free.
func (a account) private() float64 { return a.resident() - a.clean() }

// look is the memory of an agent after a frame.
type look struct {
	running account // as it runs
	held    account // after it has collected garbage
}

// holdAttempts are the requests of which the least resident memory counts as held: the
// frames that are under way use memory, too.
const holdAttempts = 5

// smaller returns the account of less resident memory.
func smaller(a, b account) account {
	if a == nil || b.resident() < a.resident() {
		return b
	}
	return a
}

// measures are the figures of a look whose growth is told.
var measures = []struct {
	name string
	of   func(look) float64
}{
	{"held: private, resident without clean pages", func(l look) float64 { return l.held.private() }},
	{"held: resident after collection", func(l look) float64 { return l.held.resident() }},
	{"held: Go's live objects", func(l look) float64 { return l.held[goObjects] }},
	{"held: native", func(l look) float64 { return l.held[native] }},
	{"resident as it runs, uncollected", func(l look) float64 { return l.running.resident() }},
}

// growth returns by how many MB a measure has grown between two of memoryFrames.
func growth(looks []map[string]look, device string, from, to int, of func(look) float64) float64 {
	return (of(looks[to][device]) - of(looks[from][device])) / mega
}

// table returns what is held after each of memoryFrames, in MB, by item, and its growth
// beside that of the resident memory as it runs.
func table(device string, looks []map[string]look) string {
	var s strings.Builder
	row := func(name string, of func(look) float64) {
		fmt.Fprintf(&s, "  %-48s", name)
		for _, l := range looks {
			fmt.Fprintf(&s, "%9.2f", of(l[device])/mega)
		}
		s.WriteByte('\n')
	}
	fmt.Fprintf(&s, "  %-48s", "MB held after frame")
	for _, n := range memoryFrames {
		fmt.Fprintf(&s, "%9d", n)
	}
	s.WriteByte('\n')
	for _, item := range items {
		row(item, func(l look) float64 { return l.held[item] })
	}
	for _, m := range measures {
		row(m.name, m.of)
	}
	last := len(memoryFrames) - 1
	fmt.Fprintf(&s, "  %-48s", "growth in MB, between frames")
	pairs := [][2]int{{0, 1}, {1, last}, {0, last}}
	for _, p := range pairs {
		fmt.Fprintf(&s, "%14s", fmt.Sprintf("%d-%d", memoryFrames[p[0]], memoryFrames[p[1]]))
	}
	s.WriteByte('\n')
	for _, m := range measures {
		fmt.Fprintf(&s, "  %-48s", m.name)
		for _, p := range pairs {
			fmt.Fprintf(&s, "%14.2f", growth(looks, device, p[0], p[1], m.of))
		}
		s.WriteByte('\n')
	}
	s.WriteString(
		"  A leak in Go adds to its live objects, one in C to native, which is the remainder and holds errors of the\n" +
			"  other items. Room in the heap and the runtime's own memory also depend on the largest heap so far.\n")
	return s.String()
}
