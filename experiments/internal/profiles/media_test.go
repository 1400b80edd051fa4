package profiles

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
)

func TestMediaOfAPlatform(t *testing.T) {
	dir := t.TempDir()
	written(t, dir, "cell.csv", []byte("seconds,bytes_per_sec\n0,1e6\n1,2e6\n"))
	pf := &plan.Platform{Media: []plan.Medium{{Name: "plain"}, {Name: "cell", Trace: "cell.csv", TraceLoop: true}}}
	media, err := Media(pf, dir)
	require.NoError(t, err)
	require.Len(t, media, 1)
	assert.Equal(t, "cell.csv", media["cell"].Trace)
	assert.InDelta(t, 1.5e6, media["cell"].Rates.Mean(), 1)
	named, err := Named(pf, dir+"/plan.yaml")
	require.NoError(t, err)
	assert.False(t, named.Empty())
	assert.Equal(t, media, named.Profile(&profile.Profile{}).Media)

	written(t, dir, "cell.csv", []byte("seconds,bytes_per_sec,latency_seconds\n0,1e6,0.1\n"))
	_, err = Named(pf, dir+"/plan.yaml")
	require.EqualError(t, err, "trace of medium cell: no trace of a link: cell.csv has a latency over time, which "+
		"links have; leave latency_seconds out")
	pf.Media = pf.Media[:1]
	named, err = Named(pf, dir+"/plan.yaml")
	require.NoError(t, err)
	assert.True(t, named.Empty())
}
