package compare

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/edgeprune/edgeprune/experiments/internal/record"
	"github.com/edgeprune/edgeprune/experiments/internal/stat"
	"github.com/edgeprune/edgeprune/experiments/internal/study"
)

// errColumns says that a table has other columns than a run's.
var errColumns = errors.New("it has other columns than those of such a run")

// readStudy reads the cases of a study: those that failed have no values.
func readStudy(r *Run, _ *record.Run, b []byte) error {
	rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		return errColumns
	}
	head := rows[0]
	runs := slices.Index(head, "simulations")
	if runs < 1 || head[0] != "case" || runs+1 >= len(head) {
		return errColumns
	}
	r.Marks = append(r.Marks, "simulated")
	factors := head[1:runs]
	for _, row := range rows[1:] {
		var levels []string
		for i, f := range factors {
			levels = append(levels, f+" "+row[1+i])
		}
		name := strings.Join(levels, ", ")
		n, err := strconv.Atoi(row[runs])
		if err != nil {
			return fmt.Errorf("simulations of %s: %w", name, err)
		}
		for _, m := range study.Metrics() {
			at := slices.Index(head, m.Column())
			if at < 0 || at+2 >= len(row) || row[at] == "" {
				continue
			}
			v, err := intervalOf(row[at:at+3], n)
			if err != nil {
				return fmt.Errorf("%s of %s: %w", m.Name, name, err)
			}
			r.add(Simulated, name, Value{
				Metric:   Metric{Name: m.Name, Unit: m.Unit, More: m.More, Points: m.Unit == ""},
				Interval: v, Exact: n <= 1, Settled: n <= 1 || row[runs+1] == "true",
			})
		}
	}
	return nil
}

// intervalOf reads a value and the ends of its interval, which may be empty.
func intervalOf(cells []string, n int) (stat.Interval, error) {
	var all [3]float64
	for i, c := range cells {
		if c == "" {
			all[i] = all[0]
			continue
		}
		v, err := strconv.ParseFloat(c, 64)
		if err != nil {
			return stat.Interval{}, err
		}
		all[i] = v
	}
	if n > 1 && cells[1] == "" {
		n = 1 // several simulations, and no interval of this metric
	}
	return stat.Interval{Value: all[0], Low: all[1], High: all[2], N: n}, nil
}
