package leakage

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/leakage"
)

// Title names a row's cut, such as PP3 l1.
func (r *Row) Title() string { return Cut{Name: r.Cut, PP: r.PP}.title() }

// Lead says in sentences what the rows show, the most important first.
func (x *Table) Lead() []string {
	var rows []*Row
	for i := range x.Rows {
		if r := &x.Rows[i]; r.Dependence != nil {
			rows = append(rows, r)
		}
	}
	if len(rows) == 0 {
		return []string{"Nothing can be said of any cut."}
	}
	lead := []string{x.extremes(rows)}
	if text := visible(rows); text != "" {
		lead = append(lead, text)
	}
	if text := x.codecs(rows); text != "" {
		lead = append(lead, text)
	}
	return lead
}

// extremes says which cuts give away most and least.
func (x *Table) extremes(rows []*Row) string {
	order := func(a, b *Row) int { return cmp.Compare(a.Dependence.Value, b.Dependence.Value) }
	most, least := slices.MaxFunc(rows, order), slices.MinFunc(rows, order)
	if most.Cut == least.Cut {
		return fmt.Sprintf("What crosses at %s depends on the frames by %s.", most.Title(), half(most.Dependence, 2))
	}
	var free []string
	for _, r := range rows {
		if r.Dependence.Low <= 0 && !slices.Contains(free, r.Title()) {
			free = append(free, r.Title())
		}
	}
	text := fmt.Sprintf("What crosses depends on the frames most at %s (%s) and least at %s (%s)", most.Title(),
		half(most.Dependence, 2), least.Title(), half(least.Dependence, 2))
	if len(free) > 0 {
		return text + fmt.Sprintf("; %d samples don't tell it from independence at %s.", x.Samples, listed(free))
	}
	return text + "; every cut's interval lies above 0."
}

// visible says where a linear decoder sees more than the mean; "" where nothing was reconstructed.
func visible(rows []*Row) string {
	var seen, blind []string
	var best *Row
	for _, r := range rows {
		if r.PSNR == nil {
			continue
		}
		if best == nil || r.PSNR.Value > best.PSNR.Value {
			best = r
		}
		list := &blind
		if r.PSNR.Low > r.FloorPSNR.High {
			list = &seen
		}
		if !slices.Contains(*list, r.Title()) {
			*list = append(*list, r.Title())
		}
	}
	if best == nil {
		return ""
	}
	blind = slices.DeleteFunc(blind, func(s string) bool { return slices.Contains(seen, s) })
	text := fmt.Sprintf("A linear decoder reconstructs frames best at %s, by %s dB against %.1f dB of the mean "+
		"frame", best.Title(), half(best.PSNR, 1), best.FloorPSNR.Value)
	if len(blind) == 0 {
		return text + ", and better than the mean at every cut."
	}
	if len(seen) == 0 {
		return text + ", at no cut better than the mean beyond doubt."
	}
	return text + fmt.Sprintf(", and no better than the mean beyond doubt at %s.", listed(blind))
}

// codecs says how much codecs change; "" of a single one.
func (x *Table) codecs(rows []*Row) string {
	first := map[string]*Row{}
	var worst *Row
	most, n := -1.0, 0
	for _, r := range rows {
		f := first[r.Cut]
		if f == nil {
			first[r.Cut] = r
			continue
		}
		n++
		if d := math.Abs(r.Dependence.Value - f.Dependence.Value); d > most {
			most, worst = d, r
		}
	}
	if worst == nil {
		return ""
	}
	f := first[worst.Cut]
	text := fmt.Sprintf("Against codec %s, the others change dependence by %.3f at most, with %s at %s",
		f.Codec, most, worst.Codec, worst.Title())
	if most < half95(f.Dependence) {
		return text + ": less than its interval, so no codec hides what these samples show."
	}
	return text + "."
}

func half95(e *leakage.Estimate) float64 { return (e.High - e.Low) / 2 }

// half writes an estimate with half its interval.
func half(e *leakage.Estimate, digits int) string {
	return fmt.Sprintf("%.*f ± %.*f", digits, e.Value, digits, half95(e))
}

// listed joins names, of many only some.
func listed(names []string) string {
	const most = 5
	if len(names) > most {
		return strings.Join(names[:most-1], ", ") + fmt.Sprintf(" and %d more", len(names)-most+1)
	}
	return strings.Join(names, ", ")
}
