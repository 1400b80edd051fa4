//go:build hosts

package hosts

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/stat"
	"github.com/stretchr/testify/require"
)

// placement is what runs gave whose coordinator was in one place.
type placement struct {
	found []*result.Outcome
	truth []float64 // median latencies in s, by one clock
	back  []float64 // median times there and back, in s
}

// measured is a quantity with its interval, and what clocks leave open beside that.
type measured struct {
	stat.Interval
	clock float64
}

func (m measured) String() string { return fmt.Sprintf("%v ± %.2g clocks", m.Interval, m.clock) }

// of returns the mean of a quantity over runs: its interval is that of independent runs, since
// runs differ by more than frames of one do. Of a single run it is the run's own.
func (p *placement) of(q result.Quantity) measured {
	if len(p.found) == 1 {
		return measured{p.found[0].Interval(q), p.found[0].Clock(q)}
	}
	var values, clocks []float64
	for _, o := range p.found {
		values, clocks = append(values, o.Interval(q).Value), append(clocks, o.Clock(q))
	}
	return measured{stat.Mean(values), stat.Mean(clocks).Value}
}

// agrees reports whether a quantity is the same in two placements within their intervals.
func (p *placement) agrees(other *placement, q result.Quantity) bool {
	a, b := p.of(q), other.of(q)
	return math.Abs(a.Value-b.Value) <= a.Spread()+b.Spread()+a.clock+b.clock
}

// placementTable shows what was found in each place.
func placementTable(t *testing.T, all map[string]*placement) string {
	t.Helper()
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "COORDINATOR ON\tENDPOINT TIME ms\tLATENCY ms\tBY ONE CLOCK ms\tTHERE AND BACK ms\tFRAMES/S")
	milliseconds := func(of []float64) string {
		if len(of) == 0 {
			return "-"
		}
		i := stat.Mean(of)
		return fmt.Sprintf("%.3f ± %.3f", 1e3*i.Value, 1e3*i.Spread())
	}
	for _, where := range places {
		p := all[where]
		endpoint, latency, rate := p.of(result.EndpointTime), p.of(result.Latency), p.of(result.Throughput)
		fmt.Fprintf(w, "%s\t%.3f ± %.3f\t%.3f ± %.3f ± %.3f clocks\t%s\t%s\t%.2f ± %.2f ± %.2f clocks\n", where,
			1e3*endpoint.Value, 1e3*endpoint.Spread(), 1e3*latency.Value, 1e3*latency.Spread(), 1e3*latency.clock,
			milliseconds(p.truth), milliseconds(p.back), rate.Value, rate.Spread(), rate.clock)
	}
	require.NoError(t, w.Flush())
	return text.String()
}
