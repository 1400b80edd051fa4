package modelcmd

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/experiments/internal/model"
)

const verdictLine = "%-44s %-16s %6s %6s %9s %10s %9s %9s %9s  %s\n"

func printVerdictLine(w io.Writer, v *Verified) {
	fmt.Fprintf(w, verdictLine, shortName(v.Model, 44), orUnknown(v.Maker),
		fmt.Sprint(v.Nodes), fmt.Sprint(v.Cuts), fmt.Sprint(v.Verified), fmt.Sprint(v.BitEqual),
		difference(v.Worst), difference(v.Spread), difference(v.Tolerance), reasons(v))
}

// shortName keeps the end of a path.
func shortName(name string, width int) string {
	name = strings.TrimSuffix(name, "/model.onnx")
	if r := []rune(name); len(r) > width {
		return "…" + string(r[len(r)-width+1:])
	}
	return name
}

func difference[F ~float64](d F) string {
	if d == 0 {
		return "0"
	}
	return fmt.Sprintf("%.2g", d)
}

// reasons says what was refused or can't be compared, each reason once.
func reasons(v *Verified) string {
	if v.Verified+v.Differ == 0 && v.Incomparable > 0 {
		return v.Nothing()
	}
	if len(v.Refused) == 0 && v.Incomparable > 0 {
		return fmt.Sprintf("%d not comparable", v.Incomparable)
	}
	if len(v.Refused) == 0 {
		return "-"
	}
	count := map[string]int{}
	var order []string
	for _, r := range v.Refused {
		if count[r.Reason]++; count[r.Reason] == 1 {
			order = append(order, r.Reason)
		}
	}
	var texts []string
	for _, r := range order {
		text := strings.Join(strings.Fields(r), " ")
		if v.Refused[0].Cut != "" {
			text = fmt.Sprintf("%d: %s", count[r], text)
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, "; ")
}

func printVerdict(w io.Writer, v *Verified) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	more := "all there are"
	if !v.Complete {
		more = "the model has more; --heads looks at more"
	}
	fmt.Fprintf(tw, "model\t%s, %d nodes, on %s\n", v.Model, v.Nodes, v.Input)
	if v.Untried > 0 {
		more += fmt.Sprintf("; %d were run, evenly spread: --every runs all", v.Cuts-v.Untried)
	}
	fmt.Fprintf(tw, "cuts\t%d, %s\n", v.Cuts, more)
	heads := ""
	if v.Heads > 0 {
		heads = fmt.Sprintf(", %d of them by what they send, as nothing behind them can be compared", v.Heads)
	}
	fmt.Fprintf(tw, "verified\t%d%s\n", v.Verified, heads)
	if v.Differ > 0 {
		fmt.Fprintf(tw, "differ\t%d\n", v.Differ)
	}
	if v.Incomparable > 0 {
		fmt.Fprintf(tw, "not comparable\t%d of %d cuts\n", v.Incomparable, v.Cuts)
	}
	fmt.Fprintf(tw, "compared\t%d of %d elements of the outputs\n", v.Compared, v.Elements)
	for _, n := range v.NotComparable {
		fmt.Fprintf(tw, "not comparable\t%s\n", n)
	}
	if v.Variable > 0 {
		fmt.Fprintf(tw, "variable\t%d of these send a tensor whose shape depends on the data\n", v.Variable)
	}
	fmt.Fprintf(tw, "bit-equal\t%d\n", v.BitEqual)
	worst := difference(v.Worst)
	if v.WorstCut != "" {
		worst += " relative, at cut " + v.WorstCut
	}
	fmt.Fprintf(tw, "worst difference\t%s\n", worst)
	fmt.Fprintf(tw, "whole, not optimised\t%s from the whole\n", difference(v.Spread))
	fmt.Fprintf(tw, "tolerance\t%s, the larger of %g and twice the difference of the whole, not optimised\n",
		difference(v.Tolerance), cut.Rounding)
	for _, e := range v.TestData {
		fmt.Fprintf(tw, "%s\t%s\n", e.Set, expectedText(e))
	}
	refused := "-"
	if len(v.Refused) > 0 {
		refused = reasons(v)
	}
	fmt.Fprintf(tw, "refused\t%s\n", refused)
	return tw.Flush()
}

// expectedText says how the whole model's outputs compare with those of test data.
func expectedText(e model.Expected) string {
	text := fmt.Sprintf("%d elements of the outputs are as expected, within %s", e.Compared, difference(e.Difference))
	switch {
	case e.Differs():
		text = fmt.Sprintf("output %s differs by %s from what is expected", e.Output, difference(e.Difference))
	case e.Compared == 0:
		text = "no outputs were compared with those expected"
	}
	if e.Note != "" {
		text += "; " + e.Note
	}
	return text
}

func printVerdictCuts(w io.Writer, v *Verified) {
	for _, r := range v.Results {
		note := ""
		if r.Variable {
			note = " (variable)"
		}
		if r.Head {
			note += " (what it sends)"
		}
		if len(r.Broken) > 0 {
			note += " !" + strings.Join(r.Broken, ", ")
		}
		if r.NotComparable != "" {
			fmt.Fprintf(w, "  -         %s%s: not comparable: %s\n", r.Cut, note, r.NotComparable)
			continue
		}
		fmt.Fprintf(w, "  %-9s %s%s\n", difference(r.Difference), r.Cut, note)
	}
	for _, r := range v.Refused {
		fmt.Fprintf(w, "  refused   %s: %s\n", orUnknown(r.Cut), r.Reason)
	}
}

// printSummary adds up.
func printSummary(w io.Writer, all []Verified, single int) {
	makers := map[string]bool{}
	models, cuts, tried, equal, refused, cutRefused := 0, 0, 0, 0, 0, 0
	worst, at, beyond, incomparable, notComparable, differ := model.Difference(0), "", 0, 0, 0, 0
	for _, v := range all {
		cuts += v.Cuts - v.Untried
		tried += v.Verified
		equal += v.BitEqual
		if v.Verified+v.Differ > 0 {
			models++
			makers[orUnknown(v.Maker)] = true
		}
		for _, r := range v.Refused {
			if r.Cut == "" {
				refused++
			} else {
				cutRefused++
			}
		}
		differ += v.Differ
		if v.Differ > 0 {
			beyond++
		}
		notComparable += v.Incomparable
		if v.Verified+v.Differ == 0 && v.Incomparable > 0 {
			incomparable++
		}
		if v.Worst > worst {
			worst, at = v.Worst, fmt.Sprintf(", %s at cut %s", v.Model, v.WorstCut)
		}
	}
	names := slices.Sorted(maps.Keys(makers))
	fmt.Fprintf(w, "\n%d models with more than one node: %d compared, %d refused as a whole, %d not comparable, "+
		"%d without an inner cut; %d of one node left out\n",
		len(all), models, refused, incomparable, len(all)-models-refused-incomparable, single)
	fmt.Fprintf(w, "%d makers: %s\n", len(names), strings.Join(names, ", "))
	share := 0.0
	if tried > 0 {
		share = 100 * float64(equal) / float64(tried)
	}
	fmt.Fprintf(w, "%d cuts: %d verified, %d differ, %d not comparable, %d refused; %d bit-equal (%.1f %%); "+
		"worst relative difference %s%s\n",
		cuts, tried, differ, notComparable, cutRefused, equal, share, difference(worst), at)
	fmt.Fprintf(w, "%d models differ by more than the tolerance: "+
		"the larger of %g and twice what the whole differs from itself, not optimised\n",
		beyond, cut.Rounding)
}
