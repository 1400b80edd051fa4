package world

import (
	"flag"
	"github.com/stretchr/testify/require"
	"runtime"
	"strings"
	"testing"
)

var (
	runs = flag.Int("protocol.runs", 2000, "seeded runs of every protocol test")
	seed = flag.Uint64("protocol.seed", 1, "first seed; with -protocol.runs 1, a single run")
)

// Runs returns how many seeds Each goes through: the flag -protocol.runs.
func Runs() int { return *runs }

// Each calls run with one seed after the other, as many as the flag -protocol.runs
// says, from -protocol.seed on. An error fails the test, and the message holds the
// command that replays the run.
func Each(t *testing.T, run func(seed uint64) error) {
	t.Helper()
	pc, _, _, _ := runtime.Caller(1)
	dir := packageOf(runtime.FuncForPC(pc).Name())
	for s := *seed; s < *seed+uint64(*runs); s++ {
		err := run(s)
		require.NoError(t, err, "seed %d: %v\nreplay: go test %s -run '%s$' -protocol.seed %d -protocol.runs 1", s, err, dir,
			t.Name(), s)
	}
}

// packageOf returns the import path of the package that a function of a test belongs
// to.
func packageOf(function string) string {
	slash := strings.LastIndexByte(function, '/') + 1
	name, _, _ := strings.Cut(function[slash:], ".")
	return function[:slash] + strings.TrimSuffix(name, "_test")
}
