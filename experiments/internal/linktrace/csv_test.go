package linktrace

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const header = "seconds,bytes_per_sec\n"

// written returns the path of a file.
func written(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	return path
}

func TestTracesAreReadAsTheyWereWritten(t *testing.T) {
	rates := []profile.Rate{
		{At: 0, BytesPerSec: 1.25e7}, {At: 250 * time.Millisecond, BytesPerSec: 0}, {At: time.Second, BytesPerSec: 1.0 / 3},
	}
	b := Bandwidth(rates, "from a to b", "two\nlines")
	assert.Equal(t, "# from a to b\n# two lines\n"+header+"0,12500000\n0.25,0\n1,0.3333333333333333\n", string(b))
	r, err := Read(written(t, "wifi.csv", string(b)), false)
	require.NoError(t, err)
	assert.Nil(t, r.Latencies)
	for i, x := range r.Rates.List() {
		assert.Equal(t, rates[i].At, x.At)
		assert.InDelta(t, rates[i].BytesPerSec, x.BytesPerSec, 1e-6)
	}
}

func TestLatenciesOverTime(t *testing.T) {
	both, err := Read(written(t, "lte.csv", "seconds,bytes_per_sec,latency_seconds\n0,1e6,0.02\n1,2e6,0.05\n"), true)
	require.NoError(t, err)
	assert.EqualValues(t, 20e6, both.Latencies.At(999_999_999))
	assert.EqualValues(t, 50e6, both.Latencies.At(1_000_000_000))
	assert.EqualValues(t, 20e6, both.Latencies.At(2_000_000_000), "it begins anew")
	assert.Equal(t, 35*time.Millisecond, both.Latencies.Mean())
	assert.EqualValues(t, 3e9, both.Rates.After(1e9, 3e6))
	alone, err := Read(written(t, "lte.csv", "seconds,latency_seconds\n0,0.02\n1,0.05\n"), false)
	require.NoError(t, err)
	assert.Nil(t, alone.Rates)
	assert.EqualValues(t, 50e6, alone.Latencies.At(5_000_000_000), "the last one goes on")
}

func TestCSVThatCanNotBe(t *testing.T) {
	const no = "no trace of a link: "
	const header, both = "seconds,bytes_per_sec\n", "seconds,bytes_per_sec,latency_seconds\n"
	const expected = "expected the header seconds,bytes_per_sec, seconds,bytes_per_sec,latency_seconds or " +
		"seconds,latency_seconds; found "
	const number = "; expected a number from 0 to "
	for _, tt := range []struct{ text, says string }{
		{"", ": " + no + "it has no rows"},
		{header, ": " + no + "it has no rows"},
		{"t,rate\n0,1\n", ":1: " + no + expected + `"t,rate"`},
		{header + "0,1\n1\n", ":3: " + no + "1 columns; expected seconds,bytes_per_sec"},
		{header + "0,1\n1,\n2,1\n", ":3: " + no + "a hole: bytes_per_sec is missing; leave the row out if what is before " +
			"it " +
			"goes on"},
		{"# a comment\n" + header + "0,1\n\n,3\n", ":5: " + no + "a hole: seconds is missing; leave the row out if what is " +
			"before it goes on"},
		{header + "0,fast\n", ":2: " + no + `bytes_per_sec is "fast"; expected a number`},
		{header + "0,-5\n", ":2: " + no + "bytes_per_sec is -5" + number + "1.79769e+308"},
		{header + "0,NaN\n", ":2: " + no + "bytes_per_sec is NaN" + number + "1.79769e+308"},
		{header + "0,1e999\n", ":2: " + no + "bytes_per_sec is 1e999" + number + "1.79769e+308"},
		{header + "nan,1\n", ":2: " + no + "seconds is nan" + number + "3.16224e+07"},
		{header + "-1,1\n", ":2: " + no + "seconds is -1" + number + "3.16224e+07"},
		{header + "1,1\n", ":2: no bandwidth over time: it begins at 1s; expected 0"},
		{header + "0,1\n2,1\n1,1\n", ":4: no bandwidth over time: 1s comes after 2s; times must rise"},
		{header + "0,1\n1,0\n", ":3: no bandwidth over time: it ends with 0 bytes/s, so nothing would cross any more; " +
			"let it " +
			"end with another bandwidth, or loop"},
		{header + "\"0,1\n", ":2: " + no + `extraneous or missing " in quoted-field`},
		{both + "0,1,-0.1\n", ":2: " + no + "latency_seconds is -0.1" + number + "3.16224e+07"},
		{both + "0,1,1e6\n", ":2: no latency over time: 1e+06s; expected 0 to 86400s"},
		{both + "0,1,\n", ":2: " + no + "a hole: latency_seconds is missing; leave the row out if what is before it goes on"},
		{"seconds,latency_seconds\n1,1\n", ":2: no latency over time: it begins at 1s; expected 0"},
		{"1\n2\n", ":1: " + no + expected + `"1"`},
	} {
		path := written(t, "wifi.csv", tt.text)
		_, err := Read(path, false)
		require.Error(t, err)
		assert.EqualError(t, err, path+strings.ReplaceAll(tt.says, "1.79769e+308", "1.7976931348623157e+308"))
	}
	path := written(t, "wifi.csv", header+"0,0\n1,0\n")
	_, err := Read(path, true)
	assert.EqualError(t, err, path+":3: no bandwidth over time: all of it is 0 bytes/s")
	path = filepath.Join(t.TempDir(), "none.csv")
	_, err = Read(path, false)
	assert.EqualError(t, err, "trace of a link: open "+path+": no such file or directory; record one with: edgeprune "+
		"testbed probe --for 60s -o FILE")
}
