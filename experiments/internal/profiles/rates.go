package profiles

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/edgeprune/edgeprune/core/profile"
)

// ratesHeader is the first row of a trace of bandwidth. Lines that begin with # are comments.
var ratesHeader = []string{"seconds", "bytes_per_sec"}

// ReadRates reads the bandwidth of a link over time from a CSV file of seconds,bytes_per_sec,
// of which each row holds until the next one: see profile.NewRates. Errors begin with file and
// line and wrap profile.ErrRates, or are those of the file system.
func ReadRates(path string, loop bool) (*profile.Rates, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("bandwidth over time: %w; record one with: edgeprune testbed probe --for 60s -o FILE", err)
	}
	defer f.Close()
	return parseRates(path, f, loop)
}

func parseRates(path string, from io.Reader, loop bool) (*profile.Rates, error) {
	r := csv.NewReader(from)
	r.Comment, r.FieldsPerRecord, r.TrimLeadingSpace = '#', -1, true
	var rows []profile.Rate
	var lines []int
	for first := true; ; first = false {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			return nil, fmt.Errorf("%s:%d: %w: %w", path, bad.Line, profile.ErrRates, bad.Err)
		}
		if err != nil {
			return nil, fmt.Errorf("bandwidth over time: %s: %w", path, err)
		}
		line, _ := r.FieldPos(0)
		if first {
			if !slices.Equal(record, ratesHeader) {
				return nil, fmt.Errorf("%s:%d: %w: expected the header %s; found %q", path, line, profile.ErrRates,
					strings.Join(ratesHeader, ","), strings.Join(record, ","))
			}
			continue
		}
		row, err := rateOf(record)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w: %w", path, line, profile.ErrRates, err)
		}
		rows, lines = append(rows, row), append(lines, line)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("%s: %w: it has no rows", path, profile.ErrRates)
	}
	return profile.NewRates(rows, loop, func(i int) string { return fmt.Sprintf("%s:%d", path, lines[i]) })
}

// longest is the longest time of a trace; a year is far beyond any.
const longest = 366 * 24 * time.Hour

// rateOf reads a row.
func rateOf(record []string) (row profile.Rate, err error) {
	if len(record) != len(ratesHeader) {
		return row, fmt.Errorf("%d columns; expected %s", len(record), strings.Join(ratesHeader, ","))
	}
	var values [2]float64
	for i, text := range record {
		text = strings.TrimSpace(text)
		if text == "" {
			return row, fmt.Errorf("a hole: %s is missing; leave the row out if the bandwidth before it goes on", ratesHeader[i])
		}
		if values[i], err = strconv.ParseFloat(text, 64); err != nil {
			return row, fmt.Errorf("%s is %q; expected a number", ratesHeader[i], text)
		}
	}
	if !(values[0] >= 0 && values[0] <= longest.Seconds()) {
		return row, fmt.Errorf("seconds are %s; expected 0 to %.0f", strings.TrimSpace(record[0]), longest.Seconds())
	}
	return profile.Rate{At: time.Duration(values[0]*1e9 + 0.5), BytesPerSec: values[1]}, nil
}

// RatesFile returns the content of a file that ReadRates reads. Each comment is a line of it.
func RatesFile(rates []profile.Rate, comments ...string) []byte {
	var b strings.Builder
	for _, c := range comments {
		fmt.Fprintf(&b, "# %s\n", strings.ReplaceAll(c, "\n", " "))
	}
	fmt.Fprintln(&b, strings.Join(ratesHeader, ","))
	for _, r := range rates {
		fmt.Fprintf(&b, "%s,%s\n", strconv.FormatFloat(r.At.Seconds(), 'f', -1, 64),
			strconv.FormatFloat(r.BytesPerSec, 'f', -1, 64))
	}
	return []byte(b.String())
}
