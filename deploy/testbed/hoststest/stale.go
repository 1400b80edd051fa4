package hoststest

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// prefix begins the names of all namespaces made here. After it come the ID and the start
// time of the process that made them.
const prefix = "edgeprune-test-"

// started returns when a process was started, in ticks since the machine was; "" if it is gone.
func started(pid int) string {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	_, after, _ := strings.Cut(string(stat), ") ") // the name of a program may have blanks
	fields := strings.Fields(after)
	if len(fields) < 20 {
		return ""
	}
	return fields[19]
}

// abandoned reports whether a namespace was made here by a process that is gone.
func abandoned(name string) bool {
	rest, ours := strings.CutPrefix(name, prefix)
	parts := strings.SplitN(rest, "-", 3)
	if !ours || len(parts) < 3 {
		return false
	}
	pid, err := strconv.Atoi(parts[0])
	return err == nil && started(pid) != parts[1]
}

// clean removes the namespaces that killed tests left behind, and ends what runs there.
func clean() error {
	out, err := exec.Command("ip", "netns", "list").Output()
	if err != nil {
		return fmt.Errorf("list network namespaces: %w", err)
	}
	for line := range strings.Lines(string(out)) {
		name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		if !abandoned(name) {
			continue
		}
		pids, _ := exec.Command("ip", "netns", "pids", name).Output()
		for _, field := range strings.Fields(string(pids)) {
			if pid, err := strconv.Atoi(field); err == nil {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
		}
		// Another test may be cleaning at the same time.
		_ = exec.Command("ip", "netns", "del", name).Run()
	}
	return nil
}
