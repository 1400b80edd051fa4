package compare

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/edgeprune/edgeprune/experiments/internal/record"
)

// readFront reads the candidates of an exploration, whose values are simulated.
func readFront(r *Run, _ *record.Run, b []byte) error {
	rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		return errColumns
	}
	head := rows[0]
	last := slices.Index(head, "breaks")
	if last < 0 || !slices.Equal(head[:min(len(head), 3)], []string{"platform", "mapping", "codec"}) {
		return errColumns
	}
	r.Marks = append(r.Marks, "simulated")
	chosen := slices.Index(head, "chosen")
	for _, row := range rows[1:] {
		if chosen >= 0 && row[chosen] == "true" {
			r.Facts = append(r.Facts, Fact{strings.TrimSpace("chosen " + row[0]), strings.TrimSpace(row[1] + " " + row[2])})
		}
		name := strings.Join(strings.Fields(strings.Join(row[:3], " ")), " ")
		for i, column := range head[last+1:] {
			text := row[last+1+i]
			if text == "" {
				continue
			}
			v, err := strconv.ParseFloat(text, 64)
			if err != nil {
				return fmt.Errorf("%s of %s: %w", column, name, err)
			}
			r.add(Simulated, name, Value{Metric: metricOf(column), Interval: exactly(v), Exact: true, Settled: true})
		}
	}
	return nil
}

// metricOf returns the metric of a column, whose name ends with its unit.
func metricOf(column string) Metric {
	m := Metric{Name: column, Points: true}
	for _, of := range []struct{ end, unit string }{
		{"_frames_per_s", "frames/s"}, {"_s", "s"}, {"_j", "J"}, {"_bytes", "bytes"},
	} {
		if name, ok := strings.CutSuffix(column, of.end); ok {
			m = Metric{Name: name, Unit: of.unit}
			break
		}
	}
	m.More = strings.HasPrefix(m.Name, "throughput") || strings.HasPrefix(m.Name, "quality")
	return m
}
