package result

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

func orMissing(s string) string {
	if s == "" {
		return missing
	}
	return s
}

// milliseconds gives three significant digits, and no more decimals than that
// takes.
func milliseconds(s float64) string {
	ms := s * 1e3
	decimals := 3
	if a := math.Abs(ms); a > 0 {
		decimals = min(3, max(0, 2-int(math.Floor(math.Log10(a)))))
	}
	return fmt.Sprintf("%.*f", decimals, ms)
}

func fps(f float64) string           { return fmt.Sprintf("%.2f", f) }
func percent(f float64) string       { return fmt.Sprintf("%.1f %%", 100*f) }
func signedPercent(f float64) string { return fmt.Sprintf("%+.1f %%", 100*f) }

func times(f *float64) string {
	if f == nil {
		return missing
	}
	return fmt.Sprintf("%.2f ×", *f)
}

func (r *Row) qualityText() string {
	var parts []string
	for _, k := range r.qualityKeys() {
		parts = append(parts, fmt.Sprintf("%s %.3f", k, r.Quality[k]))
	}
	return orMissing(strings.Join(parts, " "))
}

// qualityColumn holds all qualities; in a listing each has a column of its own.
func qualityColumn(rows []*Row) tableColumn {
	var keys []string
	for _, r := range rows {
		keys = append(keys, r.qualityKeys()...)
	}
	slices.Sort(keys)
	c := tableColumn{head: "quality", text: (*Row).qualityText}
	for _, k := range slices.Compact(keys) {
		c.listed = append(c.listed, tableColumn{head: k, about: "Quality of the results, as a fraction.",
			text: func(r *Row) string {
				if q, ok := r.Quality[k]; ok {
					return fmt.Sprintf("%.3f", q)
				}
				return missing
			}, value: func(r *Row) (float64, bool) {
				q, ok := r.Quality[k]
				return q, ok
			}})
	}
	return c
}

func (r *Row) qualityKeys() []string {
	keys := make([]string, 0, len(r.Quality))
	for k := range r.Quality {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
