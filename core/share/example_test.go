package share_test

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/share"
)

// Two cameras and a slow sensor share 10 MB/s: the sensor passes at its own limit, and the
// cameras halve the rest.
func Example() {
	p := share.New(10e6)
	fast, slow := p.Class(0), p.Class(1e6)
	flows := []share.Flow{
		p.Add(0, fast, 90_000, 0),
		p.Add(0, fast, 45_000, 1),
		p.Add(0, slow, 20_000, 2),
	}
	for i, f := range flows {
		fmt.Printf("flow %d: %.1f MB/s\n", i, p.Rate(f)/1e6)
	}
	for at, ok := p.Next(); ok; at, ok = p.Next() {
		_, tag, _ := p.Take(at)
		fmt.Printf("flow %d ends at %d us\n", tag, at/1000)
	}
	// Output:
	// flow 0: 4.5 MB/s
	// flow 1: 4.5 MB/s
	// flow 2: 1.0 MB/s
	// flow 1 ends at 10000 us
	// flow 0 ends at 15000 us
	// flow 2 ends at 20000 us
}
