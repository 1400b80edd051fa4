package profile

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"
	"time"
)

// ErrRates says that a bandwidth over time can't be used.
var ErrRates = errors.New("no bandwidth over time")

// Rate is the bandwidth of a link from a time on, until the next one's.
type Rate struct {
	At          time.Duration // since the run's start
	BytesPerSec float64
}

// Rates are the bandwidth of a link over time. They are read-only.
type Rates struct {
	at    []int64   // ns, from 0
	perNs []float64 // bytes per ns from then on
	sum   []float64 // bytes that can have crossed until then
	loop  bool
	end   int64   // of the last rate in a loop
	total float64 // bytes that can cross in a loop
}

// NewRates returns the bandwidth that rates say, which begin at 0 and rise in time. With
// loop they begin anew when the last one has held as long as the one before it; else it holds
// for ever. At names a rate, by its index, in errors, which wrap ErrRates.
func NewRates(rates []Rate, loop bool, at func(i int) string) (*Rates, error) {
	var end time.Duration
	if last := len(rates) - 1; loop && last > 0 {
		end = 2*rates[last].At - rates[last-1].At
	}
	return newRates(rates, end, at)
}

// NewLoop returns the bandwidth that rates say, as NewRates, which begins anew at a time after
// the last one.
func NewLoop(rates []Rate, end time.Duration, at func(i int) string) (*Rates, error) {
	if last := len(rates) - 1; last >= 0 && end <= rates[last].At {
		return nil, fmt.Errorf("%s: %w: it begins anew at %gs, before its last rate does", at(last), ErrRates, end.Seconds())
	}
	return newRates(rates, end, at)
}

// newRates returns rates that begin anew at a time, or of which the last one holds for ever if
// that is 0 or there is only one.
func newRates(rates []Rate, end time.Duration, at func(i int) string) (*Rates, error) {
	if len(rates) == 0 {
		return nil, fmt.Errorf("%w: it has no rows", ErrRates)
	}
	r := &Rates{loop: end > 0}
	total := 0.0
	for i, x := range rates {
		switch {
		case math.IsNaN(x.BytesPerSec) || math.IsInf(x.BytesPerSec, 0) || x.BytesPerSec < 0:
			return nil, fmt.Errorf("%s: %w: %g bytes/s; expected a number of at least 0", at(i), ErrRates, x.BytesPerSec)
		case i == 0 && x.At != 0:
			return nil, fmt.Errorf("%s: %w: it begins at %gs; expected 0", at(i), ErrRates, x.At.Seconds())
		case i > 0 && x.At <= rates[i-1].At:
			return nil, fmt.Errorf("%s: %w: %gs comes after %gs; times must rise", at(i), ErrRates, x.At.Seconds(),
				rates[i-1].At.Seconds())
		}
		if i > 0 {
			total += float64(x.At-rates[i-1].At) * rates[i-1].BytesPerSec / 1e9
		}
		r.at, r.perNs, r.sum = append(r.at, int64(x.At)), append(r.perNs, x.BytesPerSec/1e9), append(r.sum, total)
	}
	last := len(rates) - 1
	switch {
	case r.loop && last == 0:
		r.loop = false // one rate for ever
	case r.loop:
		r.end = int64(end)
		r.total = total + float64(r.end-r.at[last])*r.perNs[last]
	}
	if !r.loop && r.perNs[last] == 0 {
		return nil, fmt.Errorf("%s: %w: it ends with 0 bytes/s, so nothing would cross any more; let it end with another "+
			"bandwidth, or loop", at(last), ErrRates)
	}
	if r.loop && r.total == 0 {
		return nil, fmt.Errorf("%s: %w: all of it is 0 bytes/s", at(last), ErrRates)
	}
	return r, nil
}

// Mean returns the mean bandwidth in bytes/s, over a loop or else until the last rate begins.
func (r *Rates) Mean() float64 {
	last := len(r.at) - 1
	switch {
	case r.loop:
		return r.total / float64(r.end) * 1e9
	case last == 0:
		return r.perNs[0] * 1e9
	}
	return r.sum[last] / float64(r.at[last]) * 1e9
}

// Ends returns when what is known of the bandwidth ends and its last rate goes on, and false
// if that is never, as in a loop.
func (r *Rates) Ends() (time.Duration, bool) {
	last := len(r.at) - 1
	return time.Duration(r.at[last]), !r.loop && last > 0
}

// Bytes returns how many bytes can have crossed until a time, in ns since the run's start.
func (r *Rates) Bytes(at int64) float64 {
	before := 0.0
	if r.loop {
		before = float64(at/r.end) * r.total
		at %= r.end
	}
	i := sort.Search(len(r.at), func(i int) bool { return r.at[i] > at }) - 1
	return before + r.sum[i] + float64(at-r.at[i])*r.perNs[i]
}

// Time returns when so many bytes can first have crossed, in ns since the run's start,
// rounded up.
func (r *Rates) Time(bytes float64) int64 {
	var begin int64
	if r.loop && bytes > r.total {
		loops := math.Ceil(bytes/r.total) - 1 // what crosses last of a loop crosses before the next one
		begin, bytes = int64(loops)*r.end, bytes-loops*r.total
	}
	// Of the rate before the first one that begins with that many or more, or of the last one.
	i := max(sort.SearchFloat64s(r.sum, bytes)-1, 0)
	rest := bytes - r.sum[i]
	if rest <= 0 || r.perNs[i] == 0 { // more than 0 of a rate of 0 is rounding
		return begin + r.at[i]
	}
	return begin + r.at[i] + int64(math.Ceil(rest/r.perNs[i]))
}

// After returns when n bytes have crossed that began at a time, both in ns since the run's
// start.
func (r *Rates) After(at, n int64) int64 {
	if n <= 0 {
		return at
	}
	return max(r.Time(r.Bytes(at)+float64(n)), at)
}

// List returns the rates.
func (r *Rates) List() []Rate {
	var list []Rate
	for i := range r.at {
		list = append(list, Rate{time.Duration(r.at[i]), r.perNs[i] * 1e9})
	}
	return slices.Clip(list)
}

// rates is what Rates are in JSON.
type rates struct {
	AtNs        []time.Duration `json:"at_ns"`
	BytesPerSec []float64       `json:"bytes_per_sec"`
	Loop        bool            `json:"loop,omitempty"`
	EndNs       time.Duration   `json:"end_ns,omitempty"` // of a loop; 0: the last rate is as long as the one before it
}

// MarshalJSON implements json.Marshaler.
func (r *Rates) MarshalJSON() ([]byte, error) {
	of := rates{Loop: r.loop}
	for _, x := range r.List() {
		of.AtNs, of.BytesPerSec = append(of.AtNs, x.At), append(of.BytesPerSec, x.BytesPerSec)
	}
	if last := len(r.at) - 1; r.loop && r.end != 2*r.at[last]-r.at[last-1] {
		of.EndNs = time.Duration(r.end)
	}
	return json.Marshal(of)
}

// UnmarshalJSON implements json.Unmarshaler; what can't be wraps ErrRates.
func (r *Rates) UnmarshalJSON(b []byte) error {
	var of rates
	if err := json.Unmarshal(b, &of); err != nil {
		return err
	}
	if len(of.AtNs) != len(of.BytesPerSec) {
		return fmt.Errorf("%w: %d times and %d bandwidths", ErrRates, len(of.AtNs), len(of.BytesPerSec))
	}
	var list []Rate
	for i, at := range of.AtNs {
		list = append(list, Rate{at, of.BytesPerSec[i]})
	}
	at := func(i int) string { return fmt.Sprintf("rate %d", i) }
	read, err := NewRates(list, of.Loop, at)
	if of.Loop && of.EndNs != 0 {
		read, err = NewLoop(list, of.EndNs, at)
	}
	if err == nil {
		*r = *read
	}
	return err
}
