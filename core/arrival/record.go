package arrival

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/edgeprune/edgeprune/core/nearest"
)

// Bounds of a record.
const (
	MaxTimes   = 1 << 20      // times
	MaxSeconds = 30 * 86400.0 // from the run's start to a time
)

// Record is when frames came, in ns since the run's start: at least one time, none before the
// one before it.
type Record struct {
	TimesNs []int64 `json:"times_ns"`
	// LoopNs is after how long the record begins anew, more than from its first to its last time;
	// 0: it ends.
	LoopNs int64 `json:"loop_ns,omitempty"`
}

// Check returns an error that wraps ErrRecord if a record, such as one from elsewhere, is none.
func (r *Record) Check() error {
	n := len(r.TimesNs)
	switch {
	case n == 0 || n > MaxTimes:
		return fmt.Errorf("%w: %d times; expected 1 to %d", ErrRecord, n, MaxTimes)
	case r.TimesNs[0] < 0 || r.TimesNs[n-1] > MaxSeconds*1e9 || !slices.IsSorted(r.TimesNs):
		return fmt.Errorf("%w: its times are not sorted, or not from 0 to %.0f s", ErrRecord, MaxSeconds)
	case r.LoopNs != 0 && (r.LoopNs <= r.TimesNs[n-1]-r.TimesNs[0] || r.LoopNs > 2*MaxSeconds*1e9):
		return fmt.Errorf("%w: it begins anew after %d ns, before its end or much later", ErrRecord, r.LoopNs)
	}
	return nil
}

// At returns the time of a frame, counted from 0; math.MaxInt64 after the last of a record that
// ends.
func (r *Record) At(frame int64) int64 {
	n := int64(len(r.TimesNs))
	switch {
	case frame < n:
		return r.TimesNs[frame]
	case r.LoopNs == 0:
		return math.MaxInt64
	}
	at, loops := r.TimesNs[frame%n], frame/n
	if loops > (math.MaxInt64-1-at)/r.LoopNs {
		return math.MaxInt64 - 1
	}
	return at + loops*r.LoopNs
}

// from returns the number of the first time that is not before offsetNs, which is less than
// LoopNs of a record that begins anew.
func (r *Record) from(offsetNs int64) int64 {
	return int64(sort.Search(len(r.TimesNs), func(i int) bool { return r.TimesNs[i] >= offsetNs }))
}

// Mean returns the mean time between frames, in ns: of a record of one time that ends, the time
// to it.
func (r *Record) Mean() int64 {
	n := int64(len(r.TimesNs))
	switch {
	case r.LoopNs > 0:
		return r.LoopNs / n
	case n == 1:
		return r.TimesNs[0]
	}
	return (r.TimesNs[n-1] - r.TimesNs[0]) / (n - 1)
}

// Longest returns the longest time without a frame, before the first one too, in ns.
func (r *Record) Longest() int64 {
	longest := r.TimesNs[0]
	for i := 1; i < len(r.TimesNs); i++ {
		longest = max(longest, r.TimesNs[i]-r.TimesNs[i-1])
	}
	if r.LoopNs > 0 {
		longest = max(longest, r.At(int64(len(r.TimesNs)))-r.TimesNs[len(r.TimesNs)-1])
	}
	return longest
}

// Looped returns the record so that it begins anew, one mean time between its frames after the
// last. The error wraps ErrRecord if it has no such time.
func (r *Record) Looped() (*Record, error) {
	n := len(r.TimesNs)
	length := r.TimesNs[n-1] - r.TimesNs[0]
	if length == 0 {
		return nil, fmt.Errorf("%w: its frames all come at one time, so it can't be looped", ErrRecord)
	}
	gap := math.Round(float64(length) / float64(n-1))
	return &Record{TimesNs: r.TimesNs, LoopNs: length + max(int64(gap), 1)}, nil
}

// Parse reads a record from a file's text: one time a line, in seconds since the run's start, or
// a CSV file whose first line names its columns, of which column has the times. Lines that are
// empty or begin with # are left out. The error wraps ErrRecord and begins with the file's name
// and the line.
func Parse(name string, text []byte, column string) (*Record, error) {
	r := csv.NewReader(bytes.NewReader(text))
	r.Comment, r.FieldsPerRecord, r.TrimLeadingSpace, r.ReuseRecord = '#', -1, true, true
	at, found := 0, &Record{}
	for first := true; ; first = false {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w: %w", name, ErrRecord, err)
		}
		line, _ := r.FieldPos(0)
		fail := func(format string, args ...any) (*Record, error) {
			return nil, fmt.Errorf("%s:%d: %w: "+format, append([]any{name, line, ErrRecord}, args...)...)
		}
		if first && column != "" {
			if at = slices.Index(fields, column); at < 0 {
				return fail("there is no column %q; the first line names %s%s", column, strings.Join(fields, ", "),
					nearest.Hint(column, fields))
			}
			continue
		}
		if column == "" && len(fields) > 1 {
			return fail("it has %d columns; name the one with the times by column", len(fields))
		}
		if at >= len(fields) {
			return fail("it has %d columns; column %s is number %d", len(fields), column, at+1)
		}
		seconds, err := strconv.ParseFloat(strings.TrimSpace(fields[at]), 64)
		switch last := len(found.TimesNs) - 1; {
		case err != nil || !(seconds >= 0 && seconds <= MaxSeconds):
			return fail("%q is no time; expected seconds since the run's start, from 0 to %.0f", fields[at], MaxSeconds)
		case last >= 0 && int64(math.Round(seconds*1e9)) < found.TimesNs[last]:
			return fail("%s s comes before the time before it, %g s; sort the "+
				"times", fields[at], float64(found.TimesNs[last])/1e9)
		case last+1 == MaxTimes:
			return fail("it has more than %d times; leave some out", MaxTimes)
		}
		found.TimesNs = append(found.TimesNs, int64(math.Round(seconds*1e9)))
	}
	if len(found.TimesNs) == 0 {
		return nil, fmt.Errorf("%s: %w: it has no times; write one a line, in seconds since the run's start", name, ErrRecord)
	}
	return found, nil
}
