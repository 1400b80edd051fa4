package boundary

// Bounds of a RoundTrip's timeout, in ns.
const (
	UnknownNs = 2_000_000_000 // where nothing was measured
	LeastNs   = 200_000_000
	MostNs    = 2_000_000_000 // what is lost is found in about this time, however slow a peer was before
)

// RoundTrip estimates how long an answer may take: the retransmission timeout of RFC 6298,
// section 2, but for its bounds. The zero RoundTrip has measured nothing.
type RoundTrip struct {
	smoothedNs  int64 // SRTT
	variationNs int64 // RTTVAR
	known       bool
}

// Measured takes the time of a round trip, in ns. By Karn's rule it must be that of a
// message that was sent once only.
func (r *RoundTrip) Measured(ns int64) {
	if !r.known {
		r.smoothedNs, r.variationNs, r.known = ns, ns/2, true
		return
	}
	off := r.smoothedNs - ns
	if off < 0 {
		off = -off
	}
	r.variationNs += (off - r.variationNs) / 4
	r.smoothedNs += (ns - r.smoothedNs) / 8
}

// TimeoutNs returns for how long to wait for an answer, in ns.
func (r *RoundTrip) TimeoutNs() int64 {
	if !r.known {
		return UnknownNs
	}
	return min(max(r.smoothedNs+4*r.variationNs, LeastNs), MostNs)
}
