package table

import (
	"io"

	"github.com/parquet-go/parquet-go"

	"github.com/edgeprune/edgeprune/experiments/internal/study"
	"github.com/edgeprune/edgeprune/experiments/internal/study/factor"
	"github.com/edgeprune/edgeprune/experiments/internal/study/runner"
)

// WriteParquet writes what WriteCSV does as Parquet: factors whose levels are numbers as
// numbers in their units, and what is missing as null.
func WriteParquet(w io.Writer, factors []*factor.Factor, points [][]factor.Level, rows []runner.Row) (err error) {
	number := parquet.Optional(parquet.Leaf(parquet.DoubleType))
	fields := parquet.Group{
		"case": parquet.String(), "simulations": parquet.Leaf(parquet.Int32Type),
		"settled": parquet.Optional(parquet.Leaf(parquet.BooleanType)), "failed": parquet.Optional(parquet.String()),
	}
	for _, f := range factors {
		fields[f.Name] = parquet.Optional(parquet.String())
		if f.Ordered() {
			fields[f.Name] = number
		}
	}
	for _, m := range study.Metrics() {
		for _, end := range ends {
			fields[m.Column()+end] = number
		}
	}
	schema := parquet.NewSchema("study", fields)
	columns := map[string]int{}
	for i, path := range schema.Columns() {
		columns[path[0]] = i
	}
	out := parquet.NewWriter(w, schema, parquet.Compression(&parquet.Zstd))
	line := make(parquet.Row, len(columns))
	for i := range rows {
		for name, at := range columns {
			line[at] = parquet.NullValue().Level(0, 0, columns[name])
		}
		put := func(name string, v any, optional int) {
			line[columns[name]] = parquet.ValueOf(v).Level(0, optional, columns[name])
		}
		r := &rows[i]
		put("case", r.Case, 0)
		put("simulations", int32(r.Runs), 0)
		if r.Runs > 1 {
			put("settled", r.Settled, 1)
		}
		if r.Failed != "" {
			put("failed", r.Failed, 1)
		}
		for k, f := range factors {
			if f.Ordered() {
				put(f.Name, points[i][k].Number, 1)
			} else {
				put(f.Name, points[i][k].Text, 1)
			}
		}
		for m, of := range study.Metrics() {
			if m >= len(r.Values) {
				continue
			}
			for k, v := range r.Values[m] {
				put(of.Column()+ends[k], v, 1)
			}
		}
		if _, err := out.WriteRows([]parquet.Row{line}); err != nil {
			return err
		}
	}
	return out.Close()
}
