package models_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/models"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/require"
)

// BenchmarkTransfer uploads and fetches random sub-models over a link that a proxy in this
// process makes slow (emulated), and gives the time as a multiple of bytes by bandwidth.
func BenchmarkTransfer(b *testing.B) {
	for _, bb := range []struct {
		name               string
		bytes, bytesPerSec int
	}{
		{"100MB/2MBps", 100_000_000, 2_000_000},
		{"21MB/2Mbitps", 21_000_000, 250_000},
	} {
		b.Run(bb.name, func(b *testing.B) {
			data := random(bb.bytes, 1)
			m := models.Describe(data)
			for range b.N {
				broker := testbedtest.NewBroker(b, server.Options{JetStream: true})
				proxy := testbedtest.NewProxy(b, broker.Server().Addr().String(), int64(bb.bytesPerSec))
				s := models.NewStore(connect(b, proxy.URL()), models.Options{})
				least := float64(bb.bytes) / float64(bb.bytesPerSec)
				begun := time.Now()
				require.NoError(b, s.Upload(b.Context(), [][]byte{data}, nil, nil))
				up := time.Since(begun).Seconds()
				cache := models.NewCache(b.TempDir(), 0)
				begun = time.Now()
				got, err := s.Fetch(b.Context(), &m, cache, nil, nil)
				down := time.Since(begun).Seconds()
				require.NoError(b, err)
				require.True(b, bytes.Equal(data, got))
				begun = time.Now()
				_, err = s.Fetch(b.Context(), &m, cache, nil, nil)
				require.NoError(b, err)
				b.ReportMetric(time.Since(begun).Seconds(), "s-kept")
				b.ReportMetric(up, "s-up")
				b.ReportMetric(up/least, "ratio-up")
				b.ReportMetric(down, "s-down")
				b.ReportMetric(down/least, "ratio-down")
			}
		})
	}
}
