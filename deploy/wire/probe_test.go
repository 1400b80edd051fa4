package wire

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestProbeRoundTrip(t *testing.T) {
	want := Probe{Taken: -5, Answered: 1 << 60, Clock: "b7c1 time:[4026532281]"}
	got, err := DecodeProbe(want.Append(nil))
	require.NoError(t, err)
	assert.Equal(t, want, got)
}

func TestBadProbes(t *testing.T) {
	backwards := Probe{Taken: 2, Answered: 1}
	for _, b := range [][]byte{nil, make([]byte, 15), make([]byte, 16+maxClockID+1), backwards.Append(nil)} {
		_, err := DecodeProbe(b)
		require.ErrorIs(t, err, ErrMessage, "%d bytes", len(b))
	}
}

func FuzzDecodeProbe(f *testing.F) {
	f.Add((&Probe{Taken: 1, Answered: 2, Clock: "c"}).Append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := DecodeProbe(b)
		if err == nil {
			assert.Equal(t, b, p.Append(nil))
		}
	})
}
