package figure

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestGantt(t *testing.T) {
	base := filepath.Join(t.TempDir(), "gantt")
	paths, err := Gantt(base, view(2, 2), "Machine: box.")
	require.NoError(t, err)
	assert.Equal(t, []string{base + ".png", base + ".svg"}, paths, "paths")
	p := ganttPage(view(2, 2), "Machine: box.")
	var all []string
	for _, s := range texts(t, p) {
		all = append(all, s.text)
	}
	for _, want := range []string{
		"ssd-tracking PP5, sim: timeline of all 2 instances", "endpoint-0 cpu", "endpoint-1 → server (wired)", "server cpu",
		"camera", "mobilenet[0:5]", "instances that are not shown", "a1", "b0",
	} {
		assert.Contains(t, all, want)
	}
	assert.Equal(t, "Machine: box. The shortest time in the middle of the run with two whole frames of each instance. "+
		"Emulated. A block has the colour of the actor that fires, or whose token is sent, and the number of the frame "+
		"behind the letter of the instance: a endpoint-0, b endpoint-1.", p.caption)
}

// Blocks tell what they are under the pointer.
func TestGanttTells(t *testing.T) {
	base := filepath.Join(t.TempDir(), "gantt")
	_, err := Gantt(base, view(2, 300), "")
	require.NoError(t, err)
	b, err := os.ReadFile(base + ".svg")
	require.NoError(t, err)
	for _, want := range []string{
		"<title>endpoint-0 cpu\nmobilenet[0:5], frame 0 endpoint-0\n101.000 to 145.000 ms: 44.000 ms</title>",
		"<title>endpoint-1 → server (wired)\nsends of mobilenet[0:5], frame 1 endpoint-1\n" +
			"210.000 to 245.000 ms: 35.000 ms</title>",
		"<title>server cpu\nan instance that is not shown\n110.000 to 120.000 ms: 10.000 ms</title>",
	} {
		assert.Contains(t, string(b), want)
	}
}

func TestGanttTitles(t *testing.T) {
	v := view(1, 1)
	v.Off = 250e3
	p := ganttPage(v, "")
	assert.Equal(t, "ssd-tracking PP5, sim: timeline", p.title)
	assert.Contains(t, p.caption, "their blocks lie right to ± 0.25 ms.")
	assert.Contains(t, p.caption, "and the number of the frame.")
	assert.Equal(t, "ssd-tracking PP5, sim: timeline of the first 8 of 300 instances", ganttPage(view(8, 300), "").title)
}

// Actors differ in colour or hatching, and there may be any number of them.
func TestGanttLooks(t *testing.T) {
	seen := map[string]int{}
	for i := range 2 * len(ganttColors) {
		l := fmt.Sprint(ganttLook(i))
		assert.NotContains(t, seen, l, i)
		seen[l] = i
	}
	assert.NotPanics(t, func() { ganttLook(100) })
	assert.NotContains(t, seen, fmt.Sprint(ganttLook(-1)))
}
