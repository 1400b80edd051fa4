package linktrace

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/edgeprune/edgeprune/core/profile"
)

// Columns of a CSV file.
const (
	secondsColumn = "seconds"
	rateColumn    = "bytes_per_sec"
	latencyColumn = "latency_seconds"
)

// headers are the first rows that there are.
var headers = [][]string{
	{secondsColumn, rateColumn},
	{secondsColumn, rateColumn, latencyColumn},
	{secondsColumn, latencyColumn},
}

// rows are those of a CSV file.
type rows struct {
	path      string
	header    []string
	rates     []profile.Rate
	latencies []profile.Latency
	lines     []int
}

// readCSV reads rows of which each holds until the next one.
func readCSV(path string, from *bufio.Reader, loop bool) (*Trace, error) {
	r := csv.NewReader(from)
	r.Comment, r.FieldsPerRecord, r.TrimLeadingSpace, r.ReuseRecord = '#', -1, true, true
	all := &rows{path: path}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			return nil, fmt.Errorf("%s:%d: %w: %w", path, bad.Line, ErrFile, bad.Err)
		}
		if err != nil {
			return nil, unread(path, err)
		}
		line, _ := r.FieldPos(0)
		if err := all.add(record, line); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, line, err)
		}
	}
	return all.trace(loop)
}

// add takes a row.
func (a *rows) add(record []string, line int) error {
	if a.header == nil {
		i := slices.IndexFunc(headers, func(h []string) bool { return slices.Equal(record, h) })
		if i < 0 {
			join := func(h []string) string { return strings.Join(h, ",") }
			return fmt.Errorf("%w: expected the header %s, %s or %s; found %.100q", ErrFile, join(headers[0]), join(headers[1]),
				join(headers[2]), join(record))
		}
		a.header = headers[i]
		return nil
	}
	if len(a.lines) == maxRows {
		return fmt.Errorf("%w: it has more than %d rows; leave some out, or cut it to the time of a run", ErrFile, maxRows)
	}
	if len(record) != len(a.header) {
		return fmt.Errorf("%w: %d columns; expected %s", ErrFile, len(record), strings.Join(a.header, ","))
	}
	a.lines = append(a.lines, line)
	var at time.Duration
	for i, text := range record {
		v, err := value(a.header[i], strings.TrimSpace(text))
		if err != nil {
			return err
		}
		switch a.header[i] {
		case secondsColumn:
			at = time.Duration(v*1e9 + 0.5)
		case rateColumn:
			a.rates = append(a.rates, profile.Rate{At: at, BytesPerSec: v})
		case latencyColumn:
			a.latencies = append(a.latencies, profile.Latency{At: at, Latency: time.Duration(v*1e9 + 0.5)})
		}
	}
	return nil
}

// value reads a value of a column.
func value(column, text string) (float64, error) {
	if text == "" {
		return 0, fmt.Errorf("%w: a hole: %s is missing; leave the row out if what is before it goes on", ErrFile, column)
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, fmt.Errorf("%w: %s is %.40q; expected a number", ErrFile, column, text)
	}
	most := math.MaxFloat64
	if column != rateColumn {
		most = longest.Seconds()
	}
	if !(v >= 0 && v <= most) {
		return 0, fmt.Errorf("%w: %s is %.40s; expected a number from 0 to %g", ErrFile, column, text, most)
	}
	return v, nil
}

// trace returns what all rows say.
func (a *rows) trace(loop bool) (*Trace, error) {
	if len(a.lines) == 0 {
		return nil, fmt.Errorf("%s: %w: it has no rows", a.path, ErrFile)
	}
	at := func(i int) string { return fmt.Sprintf("%s:%d", a.path, a.lines[i]) }
	t := &Trace{}
	var err error
	if a.rates != nil {
		if t.Rates, err = profile.NewRates(a.rates, loop, at); err != nil {
			return nil, err
		}
	}
	if a.latencies != nil {
		if t.Latencies, err = profile.NewLatencies(a.latencies, loop, at); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// Bandwidth returns the content of a CSV file of a bandwidth over time. Each comment is a line of
// it.
func Bandwidth(rates []profile.Rate, comments ...string) []byte {
	var b strings.Builder
	for _, c := range comments {
		fmt.Fprintf(&b, "# %s\n", strings.ReplaceAll(c, "\n", " "))
	}
	fmt.Fprintln(&b, strings.Join(headers[0], ","))
	for _, r := range rates {
		fmt.Fprintf(&b, "%s,%s\n", strconv.FormatFloat(r.At.Seconds(), 'f', -1, 64),
			strconv.FormatFloat(r.BytesPerSec, 'f', -1, 64))
	}
	return []byte(b.String())
}
