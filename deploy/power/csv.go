package power

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/edgeprune/edgeprune/core/energy"
)

// ReadCSV reads what an external meter recorded, from a file that errors call name. Its first
// line names the columns: time_s, in seconds on the meter's clock, or time, such as
// 2026-03-01T10:00:00.25Z; then for each rail a column that ends in _w for watts or in _j for
// joules of a counter, such as supply_w. An empty cell is a value that is missing. offset is
// what is added to the meter's times to get those of the clock that the series are wanted on;
// the times of a column time count from epochUnixNs, in ns of the Unix epoch, before that. The
// samples' period is the median of the times between them, and a gap what is longer than four
// of it. Errors wrap ErrFile and name the line.
func ReadCSV(name string, r io.Reader, offset time.Duration, epochUnixNs int64) ([]energy.Series, error) {
	in := csv.NewReader(r)
	in.Comment = '#'
	in.TrimLeadingSpace = true
	header, err := in.Read()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: %s is empty; expected a line such as time_s,supply_w", ErrFile, name)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrFile, name, err)
	}
	rails, err := columns(name, header)
	if err != nil {
		return nil, err
	}
	for {
		cells, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrFile, name, err)
		}
		line, _ := in.FieldPos(0)
		at, err := when(header[0], cells[0], epochUnixNs)
		if err != nil {
			return nil, fmt.Errorf("%w: %s:%d: %w", ErrFile, name, line, err)
		}
		for i := range rails {
			cell := strings.TrimSpace(cells[i+1])
			if cell == "" {
				continue
			}
			v, err := strconv.ParseFloat(cell, 64)
			if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, fmt.Errorf("%w: %s:%d: %s is %q; expected a number, or nothing where it is missing", ErrFile, name,
					line, header[i+1], cell)
			}
			s := &rails[i]
			sample := energy.Sample{AtNs: at + int64(offset), Value: v}
			if n := len(s.Samples); n > 0 && sample.AtNs <= s.Samples[n-1].AtNs {
				return nil, fmt.Errorf("%w: %s:%d: its time is not after that of the line before", ErrFile, name, line)
			}
			s.Samples = append(s.Samples, sample)
		}
	}
	for i := range rails {
		if len(rails[i].Samples) < 2 {
			return nil, fmt.Errorf("%w: %s: column %s has %d values; expected two at least", ErrFile, name, header[i+1],
				len(rails[i].Samples))
		}
		paced(&rails[i])
	}
	return rails, nil
}

// columns makes the series of a header.
func columns(name string, header []string) ([]energy.Series, error) {
	if header[0] != "time_s" && header[0] != "time" {
		return nil, fmt.Errorf("%w: %s: the first column is %q; expected time_s or time", ErrFile, name, header[0])
	}
	var rails []energy.Series
	for _, h := range header[1:] {
		s := energy.Series{Meter: "external", Counter: strings.HasSuffix(h, "_j")}
		s.Rail = strings.TrimSuffix(strings.TrimSuffix(h, "_w"), "_j")
		if s.Rail == h || s.Rail == "" {
			return nil, fmt.Errorf("%w: %s: column %q has no unit; expected a name that ends in _w for watts or in _j for "+
				"joules of a counter", ErrFile, name, h)
		}
		rails = append(rails, s)
	}
	if len(rails) == 0 {
		return nil, fmt.Errorf("%w: %s has only a column of times; expected one of watts beside it, such as supply_w",
			ErrFile, name)
	}
	return rails, nil
}

// when reads a time, in ns.
func when(column, cell string, epochUnixNs int64) (int64, error) {
	cell = strings.TrimSpace(cell)
	if column == "time" {
		t, err := time.Parse(time.RFC3339Nano, cell)
		if err != nil {
			return 0, fmt.Errorf("time is %q; expected one such as 2026-03-01T10:00:00.25Z", cell)
		}
		return t.UnixNano() - epochUnixNs, nil
	}
	s, err := strconv.ParseFloat(cell, 64)
	if err != nil || math.IsNaN(s) || math.Abs(s) > math.MaxInt64*1e-9/2 {
		return 0, fmt.Errorf("time_s is %q; expected seconds", cell)
	}
	return int64(math.Round(s * 1e9)), nil
}

// paced fills in the period of samples.
func paced(s *energy.Series) {
	gaps := make([]int64, 0, len(s.Samples))
	for i := range s.Samples[1:] {
		gaps = append(gaps, s.Samples[i+1].AtNs-s.Samples[i].AtNs)
	}
	slices.Sort(gaps)
	s.SamplePeriodNs = gaps[len(gaps)/2]
	s.MeterPeriodNs = s.SamplePeriodNs
	s.GapNs = gapPeriods * s.SamplePeriodNs
}
