package linktrace

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/edgeprune/edgeprune/core/profile"
)

// packet is how many bytes may pass for every line of a Mahimahi file.
const packet = 1500

// readMahimahi reads the times at which packets may pass.
func readMahimahi(path string, from *bufio.Reader) (*Trace, error) {
	bad := func(line int, format string, args ...any) error {
		return fmt.Errorf("%s:%d: %w: %s", path, line, profile.ErrRates, fmt.Sprintf(format, args...))
	}
	var o opportunities
	number := 0
	for {
		text, err := from.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			return nil, bad(number+1, "the line is longer than any time in ms")
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, unread(path, err)
		}
		if len(text) == 0 {
			break
		}
		number++
		line := strings.TrimSpace(string(text))
		if line == "" {
			return nil, bad(number, "a hole: the line is empty; a time in ms is expected in every line")
		}
		ms, err := strconv.ParseInt(line, 10, 64)
		switch {
		case err != nil || ms < 0:
			return nil, bad(number, "found %.40q; expected a whole number of ms in every line, as in a file of Mahimahi", line)
		case ms > longest.Milliseconds():
			return nil, bad(number, "%d ms; expected %d at most", ms, longest.Milliseconds())
		case ms < o.last:
			return nil, bad(number, "%d ms comes after %d ms; times may not fall", ms, o.last)
		}
		if o.add(ms); len(o.rates) > maxRows {
			return nil, bad(number, "the bandwidth has changed more than %d times up to here; cut the file to the time of a run",
				maxRows)
		}
	}
	if o.last == 0 {
		return nil, bad(number, "all times are 0 ms; the last one says after which time the file begins anew")
	}
	rates, err := profile.NewLoop(o.rates, time.Duration(o.last)*time.Millisecond, func(int) string { return path })
	return &Trace{Rates: rates}, err
}

// opportunities makes a bandwidth over time of times in ms at which a packet may pass.
type opportunities struct {
	rates []profile.Rate
	ends  int64 // of the last rate that is above 0, in ms
	last  int64
}

func (o *opportunities) add(ms int64) {
	o.last = ms
	const one = packet * 1000 // bytes/s of a packet in a ms
	begin := max(ms-1, 0)
	if begin < o.ends { // another one of the same ms
		o.rates[len(o.rates)-1].BytesPerSec += one
		return
	}
	if begin > o.ends {
		o.rates = append(o.rates, profile.Rate{At: time.Duration(o.ends) * time.Millisecond})
	}
	o.rates = append(o.rates, profile.Rate{At: time.Duration(begin) * time.Millisecond, BytesPerSec: one})
	o.ends = begin + 1
}
