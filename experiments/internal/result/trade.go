package result

import (
	"fmt"
	"io"
	"strings"
)

// Trade is what a swept parameter gains on one endpoint and link under one codec:
// the row that sends least of those whose loss of quality is tolerated, against the
// row whose dynamic part always runs.
type Trade struct {
	Endpoint string  `json:"endpoint"`
	Link     string  `json:"link"`
	Codec    string  `json:"codec,omitempty"`
	Label    string  `json:"label"`
	Value    float64 `json:"value"`
	Share    float64 `json:"share"` // of frames in which the dynamic part runs
	// BytesPerFrame and EndpointTime, in s, are means; nil is not obtained.
	BytesPerFrame       int64    `json:"bytes_per_frame"`
	AlwaysBytes         int64    `json:"always_bytes_per_frame"`
	EndpointTimeSim     *float64 `json:"endpoint_time_sim"`
	AlwaysTimeSim       *float64 `json:"always_endpoint_time_sim"`
	EndpointTime        *float64 `json:"endpoint_time_measured"`
	AlwaysTime          *float64 `json:"always_endpoint_time_measured"`
	Quality             string   `json:"quality"`
	QualityValue        float64  `json:"quality_value"`
	AlwaysQuality       float64  `json:"always_quality"`
	LessTrafficFraction float64  `json:"less_traffic"` // 0.75: a quarter is left
}

// Trades returns the trades of a sweep of a parameter, by endpoint, link and codec
// in the order of the rows; none of other sweeps, or where quality is missing.
func Trades(s *Sweep) []Trade {
	if s.Kind != OfParameter {
		return nil
	}
	var trades []Trade
	for _, g := range Groups(s.Rows) {
		var codecs []string
		byCodec := map[string][]*Row{}
		for _, r := range g.Rows {
			if r.Baseline != "" {
				continue
			}
			if byCodec[r.Codec] == nil {
				codecs = append(codecs, r.Codec)
			}
			byCodec[r.Codec] = append(byCodec[r.Codec], r)
		}
		for _, c := range codecs {
			if t, ok := trade(s.Swept, byCodec[c]); ok {
				trades = append(trades, t)
			}
		}
	}
	return trades
}

func trade(sw *Swept, rows []*Row) (Trade, bool) {
	var always, best *Row
	for _, r := range rows {
		if r.Value == sw.Always {
			always = r
		}
	}
	if always == nil || always.any() == nil {
		return Trade{}, false
	}
	full, ok := always.Quality[sw.Quality]
	if !ok {
		return Trade{}, false
	}
	for _, r := range rows {
		q, ok := r.Quality[sw.Quality]
		if o := r.any(); !ok || o == nil || full-q > sw.Loss {
			continue
		}
		if best == nil || r.any().BoundaryBytes < best.any().BoundaryBytes {
			best = r
		}
	}
	if best == nil {
		return Trade{}, false
	}
	t := Trade{
		Endpoint: best.Endpoint, Link: best.Link, Codec: best.Codec, Label: best.Label, Value: best.Value,
		Share:         best.any().Share(),
		BytesPerFrame: best.any().BoundaryBytes, AlwaysBytes: always.any().BoundaryBytes,
		EndpointTimeSim: typical(best.Stored), AlwaysTimeSim: typical(always.Stored),
		EndpointTime: typical(best.Measured), AlwaysTime: typical(always.Measured),
		Quality: sw.Quality, QualityValue: best.Quality[sw.Quality], AlwaysQuality: full,
	}
	if t.AlwaysBytes > 0 {
		t.LessTrafficFraction = 1 - float64(t.BytesPerFrame)/float64(t.AlwaysBytes)
	}
	return t, true
}

// any returns what was measured, or else simulated.
func (r *Row) any() *Outcome {
	if r.Measured != nil {
		return r.Measured
	}
	return r.Stored
}

func typical(o *Outcome) *float64 {
	if o == nil {
		return nil
	}
	s := o.Interval(EndpointTime).Value
	return &s
}

// String says what the trade gains, in one line without the endpoint and link.
func (t *Trade) String() string {
	label := t.Label
	if t.Codec != "" && t.Codec != "none" {
		label += " " + t.Codec
	}
	var times []string
	for _, d := range []struct {
		name      string
		own, full *float64
	}{{"simulated", t.EndpointTimeSim, t.AlwaysTimeSim}, {"measured", t.EndpointTime, t.AlwaysTime}} {
		if d.own != nil && d.full != nil {
			times = append(times, fmt.Sprintf("%s ms instead of %s ms %s", milliseconds(*d.own), milliseconds(*d.full), d.name))
		} else {
			times = append(times, "not "+d.name)
		}
	}
	return fmt.Sprintf(
		"%s: %s less traffic than always on (%d instead of %d bytes per frame), mean endpoint time %s, %s %.3f instead of "+
			"%.3f",
		label, percent(t.LessTrafficFraction), t.BytesPerFrame, t.AlwaysBytes, strings.Join(times, ", "), t.Quality,
		t.QualityValue, t.AlwaysQuality)
}

// writeTrades prints those of the group with an index in the summary.
func writeTrades(w io.Writer, s *Sweep, sum *Summary, group int) {
	g := &sum.Groups[group]
	for i := range sum.Trades {
		if t := &sum.Trades[i]; t.Endpoint == g.Endpoint && t.Link == g.Link {
			fmt.Fprintf(w, "  least traffic at a loss of %s of at most %g: %s\n", t.Quality, s.Swept.Loss, t)
		}
	}
}
