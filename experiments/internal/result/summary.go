package result

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"syscall"

	"github.com/edgeprune/edgeprune/experiments/internal/stat"
	"github.com/google/renameio/v2"
)

// ErrEmpty says that a sweep holds no row, so that nothing can be summed up.
var ErrEmpty = errors.New("the sweep holds no row; run the experiment first")

// Figures are the headline numbers of an experiment, or of one endpoint and
// link of it; nil is not measured or not simulated, never 0.
type Figures struct {
	Errors []ErrorSummary `json:"errors"` // of every quantity by every prediction
	// SpeedupMeasured is that of the measured best over all on the endpoint, both settled.
	SpeedupMeasured  *stat.Interval `json:"speedup_measured"`
	SpeedupSimulated *float64       `json:"speedup_simulated"`
	BestCutMeasured  string         `json:"best_cut_measured"`  // of those whose endpoint time is settled
	BestCutSimulated string         `json:"best_cut_simulated"` // by the stored prediction
	// BestCutRegret is how much slower, measured, that one is than the measured best.
	BestCutRegret *float64 `json:"best_cut_regret"`
	// Predicted are the predicted bests of every prediction that was made.
	Predicted        []PredictedCut `json:"predicted_best,omitempty"`
	RowsMeasured     int            `json:"rows_measured"`
	RowsNotSettled   int            `json:"rows_not_settled"` // whose endpoint time is too uncertain for a headline
	RowsSimulated    int            `json:"rows_simulated"`
	RowsFailed       int            `json:"rows_failed"`
	RowsErrorsCancel int            `json:"rows_errors_cancel"`
}

// GroupSummary is the figures of one endpoint and link.
type GroupSummary struct {
	Endpoint string `json:"endpoint"`
	Link     string `json:"link"`
	Figures
}

// Summary is the figures of an experiment. Its errors are over all rows, those
// with several endpoints at once among them. Its best cut and speed-up are
// those of the endpoint and link named in Headline, the one that gains most;
// its regret is the worst of all.
type Summary struct {
	Figures
	Headline   string         `json:"headline"`
	Machine    string         `json:"machine"`
	Date       string         `json:"date"`
	Emulated   bool           `json:"emulated"`
	Real       bool           `json:"real,omitempty"`
	Testbed    *Testbed       `json:"testbed,omitempty"`
	Unverified []string       `json:"unverified,omitempty"`
	Assumed    []string       `json:"assumed,omitempty"` // by the simulation, for want of a measurement
	Waited     []string       `json:"waited,omitempty"`  // where firings waited for records; see Outcome
	Parameters []Parameter    `json:"assumed_parameters,omitempty"`
	Search     *Search        `json:"search,omitempty"`
	Groups     []GroupSummary `json:"groups"`
	Trades     []Trade        `json:"trades,omitempty"` // of a swept parameter, which has no best cut
	// GroupErrors are those of groups of mappings.
	GroupErrors []ErrorSummary `json:"group_errors,omitempty"`
}

// Summarise computes the summary of a sweep. The best cut is the one with the
// smallest endpoint time of those that send no raw frame, baselines left out.
// It returns ErrEmpty for a sweep without rows.
func Summarise(s *Sweep) (Summary, error) {
	if len(s.Rows) == 0 {
		return Summary{}, fmt.Errorf("experiment %s: %w", s.Experiment, ErrEmpty)
	}
	sum := Summary{
		Machine: s.Machine, Date: s.Date, Emulated: s.Emulated, Real: s.Real(), Testbed: s.Testbed,
		Unverified: s.Unverified, Assumed: s.Assumed(), Waited: s.Waited(),
		Parameters: s.Parameters, Search: s.Search,
		Trades: Trades(s), GroupErrors: GroupErrors(s),
	}
	sum.countErrors(s.All())
	for _, g := range Groups(s.Rows) {
		gs := GroupSummary{Endpoint: g.Endpoint, Link: g.Link}
		gs.countErrors(g.Rows)
		gs.findBest(g.Rows)
		sum.Groups = append(sum.Groups, gs)
	}
	head := &sum.Groups[0]
	for i := range sum.Groups {
		g := &sum.Groups[i]
		if gain(g) > gain(head) {
			head = g
		}
		if r := g.BestCutRegret; r != nil && (sum.BestCutRegret == nil || *r > *sum.BestCutRegret) {
			sum.BestCutRegret = r
		}
	}
	sum.Headline = Group{Endpoint: head.Endpoint, Link: head.Link}.Name()
	sum.SpeedupMeasured, sum.SpeedupSimulated = head.SpeedupMeasured, head.SpeedupSimulated
	sum.BestCutMeasured, sum.BestCutSimulated = head.BestCutMeasured, head.BestCutSimulated
	sum.Predicted = head.Predicted
	return sum, nil
}

// gain orders groups: measured speed-ups come before those only simulated.
func gain(g *GroupSummary) float64 {
	switch {
	case g.SpeedupMeasured != nil:
		return g.SpeedupMeasured.Value
	case g.SpeedupSimulated != nil:
		return *g.SpeedupSimulated - 1e9
	}
	return math.Inf(-1)
}

func (f *Figures) countErrors(rows []*Row) {
	for _, r := range rows {
		if r.Stored != nil {
			f.RowsSimulated++
		}
		if r.Measured != nil {
			f.RowsMeasured++
			if !r.Settled(EndpointTime) {
				f.RowsNotSettled++
			}
		}
		if r.Failed != "" {
			f.RowsFailed++
		}
		if _, cancels := r.Cancels(); cancels {
			f.RowsErrorsCancel++
		}
	}
	f.Errors = Errors(rows, (*Row).name)
}

func (r *Row) name() string {
	n := r.FullLabel() + " (" + Group{Endpoint: r.Endpoint, Link: r.Link}.Name()
	if r.Instances > 1 {
		return n + fmt.Sprintf(", one of %d at once)", r.Instances)
	}
	return n + ")"
}

// NoFile reports whether a file could not be read because there is none: also where what
// should be its folder is a file.
func NoFile(err error) bool { return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) }

// WriteFile writes a file atomically: a killed program leaves the old one or
// none, never half of it. The folder is made if it is missing.
func WriteFile(path string, data []byte) error {
	return Create(path, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// Create is WriteFile of what write writes, which is not held in memory.
func Create(path string, write func(w io.Writer) error) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("result: %w", err)
	}
	f, err := renameio.NewPendingFile(path, renameio.WithTempDir(dir), renameio.WithPermissions(0o644))
	if err != nil {
		return fmt.Errorf("result: write %s: %w", path, err)
	}
	defer func() { _ = f.Cleanup() }() // of what is not in its place
	if err := write(f); err != nil {
		return fmt.Errorf("result: write %s: %w", path, err)
	}
	if err := f.CloseAtomicallyReplace(); err != nil {
		return fmt.Errorf("result: write %s: %w", path, err)
	}
	return nil
}
