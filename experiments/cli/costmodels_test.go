package cli

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/edgeprune/edgeprune/core/costmodel"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/builtin"
	"github.com/edgeprune/edgeprune/deploy/local"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// costModelsVariable asks for that many frames of each experiment; else there are few, of one.
const costModelsVariable = "EDGEPRUNE_COST_MODELS"

// TestCostModels measures firings here, fits each cost model to the first half of the samples, and
// prints its Kolmogorov-Smirnov distance from the second half, which the fit has not seen: what
// drifts from one half to the other counts as well. The distance is computed of measured times;
// which model is nearest is for the reader to see, and nothing is asserted of it.
func TestCostModels(t *testing.T) {
	frames, experiments := int64(40), []string{"vehicle-classification"}
	if s := os.Getenv(costModelsVariable); s != "" {
		n, err := strconv.ParseInt(s, 10, 64)
		require.NoError(t, err)
		frames, experiments = n, append(experiments, "ssd-tracking")
	}
	loadLibrary(t)
	kinds := []costmodel.Kind{
		costmodel.Median, costmodel.Mean, costmodel.Lognormal, costmodel.Shifted, costmodel.Phases, costmodel.Empirical,
	}
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "ACTOR\tFITTED TO\tHELD OUT")
	for _, k := range kinds {
		fmt.Fprintf(w, "\t%s", strings.ToUpper(string(k)))
	}
	fmt.Fprintln(w, "\tFIT")
	for _, name := range experiments {
		p, models := toBeKilled(t, name, frames)
		pr := local.Profiler{
			Models: models, Rounds: 1, Frames: frames,
			Host: &kernel.Host{
				Kernels: builtin.Registry(), Data: func(set string) (string, error) { return dataset(t, set), nil },
				Record: func(trace.Result) {},
			},
		}
		entries, err := pr.Profile(t.Context(), []*plan.Plan{p})
		require.NoError(t, err)
		for a := range p.Work {
			all := entries[p.Work[a].CostKey].Samples
			require.Len(t, all, int(frames))
			train, held := all[:len(all)/2], all[len(all)/2:]
			fmt.Fprintf(w, "%s\t%d\t%d", p.Graph.Actors[a].Name, len(train), len(held))
			for _, k := range kinds {
				cdf, err := costmodel.Model{Kind: k}.CDF(train)
				if err != nil { // no phases
					fmt.Fprint(w, "\t-")
					continue
				}
				distance := costmodel.Distance(held, cdf)
				assert.True(t, distance >= 0 && distance <= 1, "%s of %s: %g", k, p.Graph.Actors[a].Name, distance)
				fmt.Fprintf(w, "\t%.3f", distance)
			}
			l, err := costmodel.FitLognormal(train, false)
			require.NoError(t, err)
			verdict := "log-normal is possible"
			if l.Bad() {
				verdict = "log-normal is contradicted"
			}
			fmt.Fprintf(w, "\t%s\n", verdict)
		}
	}
	require.NoError(t, w.Flush())
	fmt.Printf("Kolmogorov-Smirnov distance from samples that were held out; -: the samples show no phases\n%s",
		text.String())
}
