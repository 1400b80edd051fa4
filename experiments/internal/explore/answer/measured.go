package answer

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/edgeprune/edgeprune/experiments/internal/explore/confirm"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/goal"
)

// Between writes a measured value with half the width of its interval.
func Between(v confirm.MetricValue) string {
	return fmt.Sprintf("%s ± %s", v.Metric.Text(v.Value.Value), v.Metric.Text(v.Value.Spread()))
}

// WriteMeasured writes what was predicted and measured side by side, of the goal's metrics and those
// that one wants beside, as a table for people.
func WriteMeasured(w io.Writer, f *confirm.Found, g *goal.Goal) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "MEASURED\tROUNDS\tMETRIC\tPREDICTED\tMEASURED\tERROR")
	shown := map[goal.Metric]bool{}
	for _, m := range Shown(g) {
		shown[m] = true
	}
	for _, m := range f.Mappings {
		name := m.Name
		if m.Failed != "" {
			fmt.Fprintf(tw, "%s\t%d\tfailed: %s\n", name, m.Rounds, m.Failed)
		}
		for _, v := range m.Measured {
			if !shown[v.Metric] {
				continue
			}
			off := "-"
			if v.Error != nil {
				off = fmt.Sprintf("%+.1f %%", 100**v.Error)
				if v.Noise {
					off += ", within noise"
				}
			}
			fmt.Fprintf(tw, "%s\t%d\t%s\t%s\t%s\t%s\n", name, m.Rounds, v.Metric, text(v.Metric, m.Predicted), Between(v), off)
		}
	}
	return tw.Flush()
}
