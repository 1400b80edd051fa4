package profiles

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func measured(a, b string) *profile.Link {
	one := profile.Direction{
		BytesPerSec: profile.Spread{Median: 12e6, Low: 11e6, High: 13e6, N: 12}, BurstBytes: 125_000,
		RoundTripNs: profile.Spread{Median: 5e5, N: 25},
		Sizes: []profile.Size{{Bytes: 64, Send: []time.Duration{20}, OneWay: []time.Duration{400},
			RoundTrip: []time.Duration{900}, Clocks: 100}},
	}
	other := one
	other.BufferBytes = 2_800_000
	return &profile.Link{Between: [2]string{a, b}, Directions: [2]profile.Direction{one, other}}
}

func written(t *testing.T, dir, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	require.NoError(t, os.WriteFile(path, data, 0o644))
	return path
}

func file(t *testing.T, l *profile.Link) []byte {
	t.Helper()
	f := NewLinkFile(l, time.Date(2026, 11, 28, 13, 0, 0, 5, time.UTC), "abc", 1<<20)
	f.Lost = 2
	b, err := f.Bytes()
	require.NoError(t, err)
	return b
}

func TestLinkFiles(t *testing.T) {
	path := written(t, t.TempDir(), "lab.json", file(t, measured("jetson", "server")))
	f, err := ReadLink(path)
	require.NoError(t, err)
	assert.Equal(t, *measured("jetson", "server"), f.Link)
	assert.Equal(t, "abc", f.Program)
	assert.EqualValues(t, 2, f.Lost)
	assert.EqualValues(t, 1<<20, f.Largest)
	assert.Equal(t, "2026-11-28T13:00:00Z", f.Created.Format(time.RFC3339Nano))
}

func TestLinksOfAPlatform(t *testing.T) {
	dir := t.TempDir()
	written(t, dir, "lab.json", file(t, measured("jetson", "server")))
	other := written(t, t.TempDir(), "wifi.csv", []byte("seconds,bytes_per_sec\n0,1e6\n1,2e6\n"))
	links, err := Links(&plan.Platform{Links: []plan.Link{
		{Name: "plain", Between: []string{"a", "b"}},
		{Name: "measured", Between: []string{"server", "jetson"}, Profile: "lab.json"},
		{Name: "traced", Between: []string{"a", "c"}, Trace: other},
		{Name: "both", Between: []string{"x", "y"}, Profile: "lab.json", Trace: other, TraceLoop: true},
	}}, dir)
	require.NoError(t, err)
	require.Len(t, links, 3)
	assert.NotZero(t, links["measured"].Direction("server").BurstBytes)
	assert.EqualValues(t, 2_800_000, links["measured"].Direction("server").BufferBytes, "the one that goes that way")
	assert.Nil(t, links["measured"].Rates)
	assert.Nil(t, links["traced"].Direction("a"))
	assert.Equal(t, []profile.Rate{{At: 0, BytesPerSec: 1e6}, {At: time.Second, BytesPerSec: 2e6}},
		links["traced"].Rates.List())
	_, ends := links["both"].Rates.Ends()
	assert.False(t, ends)
	assert.Equal(t, [2]string{"jetson", "server"}, links["both"].Measured)

	links, err = Links(&plan.Platform{Links: []plan.Link{{Name: "plain", Between: []string{"a", "b"}}}}, dir)
	require.NoError(t, err)
	assert.Nil(t, links)
}

func TestLinkFilesThatCanNotBeRead(t *testing.T) {
	good := string(file(t, measured("jetson", "server")))
	const mend = "; make one with: edgeprune testbed probe -o FILE"
	for _, tt := range []struct{ from, to, says string }{
		{good, "", ": it is empty" + mend},
		{good, "[1]", ": json: cannot unmarshal array into Go value of type profiles.Head" + mend},
		{good, "{}", ` is no edgeprune link profile, its kind is ""` + mend},
		{`"format": 1`, `"format": 7`, " has format 7 and this program reads up to 1; use the program that wrote it, or " +
			"a newer one" + mend},
		{`"jetson"`, `"server"`, `: bad link profile: it is between "server" and "server"; expected two devices` + mend},
		{`"median": 12000000`, `"median": -1`, ": bad link profile: from jetson to server: a bandwidth of -1 bytes/s" + mend},
		{`"program": "abc"`, `"program": "\u001b[2J"`, `: a name in it can't be printed: "\x1b[2J"` + mend},
		{`"burst_bytes": 125000`, `"burst_bytes": -1`, ": bad link profile: from jetson to server: a burst, buffer, " +
			"round trip or cost per byte is less than 0" + mend},
		{`"bytes": 64`, `"bytes": 0`, ": bad link profile: from jetson to server: sizes must rise from 1 byte; there " +
			"is 0" + mend},
	} {
		path := written(t, t.TempDir(), "lab.json", []byte(strings.Replace(good, tt.from, tt.to, 1)))
		_, err := ReadLink(path)
		require.ErrorIs(t, err, ErrFile)
		begins := "no usable profile: "
		if errors.Is(err, ErrFormat) {
			begins += "newer format: "
		}
		assert.EqualError(t, err, begins+path+tt.says)
	}
	path := filepath.Join(t.TempDir(), "none.json")
	_, err := Links(&plan.Platform{Links: []plan.Link{{Name: "lab", Between: []string{"a", "b"}, Profile: path}}}, "")
	assert.EqualError(t, err, "profile of link lab: open "+path+": no such file or directory"+mend)
}
