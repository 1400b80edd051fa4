package quantity_test

import (
	"flag"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/quantity"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestBandwidth(t *testing.T) {
	for s, want := range map[string]float64{
		"0": 0, "12500000": 12.5e6, "1.25e7": 12.5e6, "12.5MB/s": 12.5e6, "12.5 MB/s": 12.5e6, "12.5MBps": 12.5e6,
		"12.5MB": 12.5e6, "100Mbit/s": 12.5e6, "100Mbit": 12.5e6, "100mbit": 12.5e6, "100 Mbps": 12.5e6, "100Mb/s": 12.5e6,
		"100MBit/s": 12.5e6, "100Mbits/s": 12.5e6, "0.1Gbit/s": 12.5e6, "12500kB/s": 12.5e6, "12500KB/s": 12.5e6,
		"8kbps": 1000, "1MiB/s": 1 << 20, "8Mibit/s": 1 << 20, "1GiB/s": 1 << 30, "1KiB/s": 1024, "2TB/s": 2e12,
		"3B/s": 3, "16bit/s": 2, "5 bytes/s": 5, "1kB/sec": 1000, "1e3kB/s": 1e6, "-1": -1,
	} {
		got, err := quantity.ParseBytesPerSec(s)
		require.NoError(t, err, s)
		assert.InEpsilon(t, want+10, float64(got)+10, 1e-12, s)
	}
	for _, s := range []string{"", "fast", "100Mbot", "100M", "MB/s", "100mb/s", "100mbps", "1e999", "NaN", "Inf", "0x10",
		"5ms", "100 M bit/s/s", "1,5MB/s", "100iB/s", "100Mbit/h"} {
		_, err := quantity.ParseBytesPerSec(s)
		require.ErrorIs(t, err, quantity.ErrUnit, s)
		assert.Contains(t, err.Error(), "such as 12.5MB/s, 12.5MiB/s, 100Mbit/s or 12500000, which is in bytes", s)
	}
}

func TestDuration(t *testing.T) {
	for s, want := range map[string]time.Duration{
		"5ms": 5e6, "5 ms": 5e6, " 1.5s ": 1.5e9, "1h30m": 90 * time.Minute, "0": 0, "-2us": -2000, "3 µs": 3000,
		"0.5m": 30e9,
	} {
		got, err := quantity.ParseDuration(s)
		require.NoError(t, err, s)
		assert.Equal(t, want, got, s)
	}
	for s, want := range map[string]string{
		"5":   "bad quantity: expected a duration with its unit, such as 5ms, 5s or 5us; found \"5\"",
		"1.5": "such as 1.5ms, 1.5s or 1.5us", "5 sec": "in ns, us, ms, s, m and h", "soon": "such as 5ms", "": "such as 5ms",
		"1:30": "such as 5ms", "5m s": "such as 5ms", "5MS": "such as 5ms", "9999999999h": "such as 5ms",
		"true": "such as 5ms",
	} {
		_, err := quantity.ParseDuration(s)
		require.ErrorIs(t, err, quantity.ErrUnit, s)
		assert.Contains(t, err.Error(), want, s)
	}
}

// What a bandwidth is written as is read as the same one.
func TestWrittenBandwidthIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := quantity.BytesPerSec(rapid.Float64Range(0, math.MaxFloat64).Draw(t, "b"))
		got, err := quantity.ParseBytesPerSec(b.String())
		require.NoError(t, err)
		require.Equal(t, b, got)
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"100Mbit/s", "5 ms", "1e-5", "\x00", "i", "b", "ps", "-.5KiB"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := quantity.ParseBytesPerSec(s)
		require.False(t, err == nil && (math.IsNaN(float64(v)) || math.IsInf(float64(v), 0)), "%v", v)
		if d, err := quantity.ParseDuration(s); err == nil {
			again, err := quantity.ParseDuration(d.String())
			require.NoError(t, err)
			require.Equal(t, d, again)
		}
	})
}

// A flag takes what a key of a file takes, and its error says what to write.
func ExampleBytesPerSec() {
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	var bandwidth quantity.BytesPerSec
	var latency quantity.Duration
	flags.Var(&bandwidth, "bandwidth", "of the link")
	flags.Var(&latency, "latency", "of the link")
	fmt.Println(flags.Parse([]string{"--bandwidth", "100Mbit/s"}), bandwidth.String())
	fmt.Println(flags.Parse([]string{"--latency", "5 ms"}), latency.String())
	err := flags.Parse([]string{"--latency", "5"})
	fmt.Println(err != nil && strings.Contains(err.Error(), "expected a duration with its unit, such as 5ms, 5s or 5us"))
	// Output:
	// <nil> 12500000
	// <nil> 5ms
	// true
}
