package benchmarks

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/deploy/wire"
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

// newAccount splits the resident memory of an agent: files by its mappings, and the
// rest into what the Go runtime says that it holds, and what is not Go's.
func newAccount(b *testing.B, s wire.AgentStatus) account {
	b.Helper()
	a := account{
		goObjects: float64(s.Go.ObjectBytes), goFree: float64(s.Go.FreeBytes),
		goStacks: float64(s.Go.StackBytes), goRuntime: float64(s.Go.RuntimeBytes),
	}
	f, err := os.Open(fmt.Sprintf("/proc/%d/smaps", s.PID))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	var file string
	var anonymous float64
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
		if len(fields) < 2 || fields[0] != "Rss:" && fields[0] != "Private_Dirty:" {
			continue
		}
		if _, err := fmt.Sscan(fields[1], &kib); err != nil {
			b.Fatal(err)
		}
		n := kib * 1024
		clean, dirty := otherFiles, otherFiles
		switch {
		case file == "":
			if fields[0] == "Rss:" {
				anonymous += n
			}
			continue
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
	a[native] = anonymous - a[goObjects] - a[goFree] - a[goStacks] - a[goRuntime]
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

// table returns the items after each of memoryFrames, in MB.
func table(device string, looks []map[string]account) string {
	var s strings.Builder
	fmt.Fprintf(&s, "  %-48s", "MB after frame")
	for _, n := range memoryFrames {
		fmt.Fprintf(&s, "%9d", n)
	}
	for _, item := range append(items, "all") {
		fmt.Fprintf(&s, "\n  %-48s", item)
		for _, look := range looks {
			n := look[device][item]
			if item == "all" {
				n = look[device].resident()
			}
			fmt.Fprintf(&s, "%9.2f", n/mega)
		}
	}
	return s.String() + "\n"
}
