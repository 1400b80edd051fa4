package cli

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// What is wrong with a study is said whole: the place, and what to do.
func TestBadStudyTexts(t *testing.T) {
	const latency = "vary: [{key: latency, values: [1ms]}, {key: count, of: cam, from: 1, to: 9}]\n"
	for rest, want := range map[string]string{
		"vary: [{key: latency, from: 0s, to: 1s, steps: 1000}, {key: bandwidth, from: 1, to: 9e6, steps: 1000}, " +
			"{key: slowdown, of: cam.cpu, from: 1, to: 1001, steps: 1000}]\n": "study.yaml:4:7: bad design: it has 1000000000 " +
			"cases; at most 1000000 can be simulated: give fewer values or steps, or draw some by design: {kind: " +
			"latin-hypercube, n: 1000}",
		latency + "ask: [{largest: count cam, where: [latency_p99 <= 100ms, latency_p99 > 200ms]}]\n": "study.yaml:5:58: " +
			"bad question: latency_p99 <= 100ms and latency_p99 > 200ms can't both hold",
		"vary: [{key: workload.frame, values: [1]}]\n": `study.yaml:4:14: no such key: workload.frame: workload has no key ` +
			`"frame"; it has ` + workloadKeys(t) + `; did you mean "frames"?`,
		"vary: [{key: workload.frames, values: [many]}]\n": "study.yaml:4:40: not a value of the key: workload.frames is a " +
			`whole number such as 10; found "many"`,
	} {
		file := studyIn(t, rest)
		dir := strings.TrimSuffix(file, "study.yaml")
		for _, command := range []string{"run", "check"} {
			args := []string{"study", command, file}
			if command == "run" {
				args = append(args, "--results", t.TempDir())
			}
			o := edgeprune(t, args...)
			assert.Equal(t, exitInput, o.code)
			assert.Equal(t, "edgeprune: bad input: "+dir+want+"\n", o.stderr)
		}
	}
}

// workloadKeys are those that an error about another one lists.
func workloadKeys(t *testing.T) string {
	t.Helper()
	o := edgeprune(t, "study", "check", studyIn(t, "vary: [{key: workload.zzzzzz, values: [1]}]\n"))
	_, keys, ok := strings.Cut(strings.TrimSpace(o.stderr), "it has ")
	assert.True(t, ok, o.stderr)
	return keys
}
