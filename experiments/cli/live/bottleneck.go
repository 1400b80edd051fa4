package live

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/deploy/wire"
)

const (
	// busyShare is from which share of the time on something counts as what bounds the throughput.
	busyShare = 0.8
	// waitShare is from which share of the time on waiting for records is told.
	waitShare = 0.05
	// fewFrames are so few that one more or less matters to a rate.
	fewFrames = 20
)

// resource is something that can be busy.
type resource struct {
	what string
	busy float64
	// bound is how many frames per second it could do if it were busy all the time; NaN: no frame
	// was done meanwhile. It is rough where few were.
	bound float64
	rough bool
}

// Bottlenecks says, for each run that goes on, in words what bounds its throughput, by the busy
// shares of its devices' units and links. A unit or link that did f frames a second in the share b
// of the time can't do more than f/b. Lines of one run stand together, in the order of runs.
func Bottlenecks(rows []Row) []string {
	runs := map[string][]Row{}
	for _, r := range rows {
		if r.State == wire.Running && r.Rates != nil {
			runs[r.Run] = append(runs[r.Run], r)
		}
	}
	var lines []string
	for _, run := range slices.Sorted(maps.Keys(runs)) {
		begin := ""
		if len(runs) > 1 {
			begin = "run " + run + ": "
		}
		for _, line := range ofRun(runs[run]) {
			lines = append(lines, begin+line)
		}
	}
	return lines
}

func ofRun(rows []Row) (lines []string) {
	for _, r := range rows {
		if r.RecordWait != nil && *r.RecordWait >= waitShare {
			lines = append(lines, fmt.Sprintf("the device %s waits %s of the time for its records to be sent: the trace slows "+
				"the run", r.Device, percent(*r.RecordWait)))
		}
		if len(r.Throttled) > 0 {
			lines = append(lines, fmt.Sprintf("the device %s slows itself down: %s", r.Device, strings.Join(r.Throttled, ", ")))
		}
	}
	most, known := busiest(rows)
	full := fullLinks(rows)
	switch {
	case !known:
		lines = append(lines, "what bounds the throughput is not known: no device has told how busy it is")
	case stands(rows):
		lines = append(lines, "no frame was done since the last look"+waiting(rows))
	case most.busy >= busyShare:
		lines = append(lines, most.what+" is busy "+percent(most.busy)+": throughput can't exceed "+most.limit())
	case len(full) > 0:
		lines = append(lines, full[0])
	default:
		lines = append(lines, "nothing is busy all the time: frames wait for the source or for each other. "+
			upper(most.what)+" is busiest, "+percent(most.busy)+": it could do "+most.limit())
	}
	return lines
}

// busiest returns the unit or link that is busy for the greatest share of the time.
func busiest(rows []Row) (most resource, known bool) {
	for _, r := range rows {
		consider := func(what string, busy *float64) {
			if busy == nil {
				return
			}
			x := resource{what, *busy, math.NaN(), r.Rates.FramesPerSec*r.Seconds < fewFrames}
			if r.Rates.FramesPerSec > 0 && *busy > 0 {
				x.bound = r.Rates.FramesPerSec / *busy
			}
			if !known || x.busy > most.busy {
				most, known = x, true
			}
		}
		for _, u := range r.Units {
			consider(fmt.Sprintf("the unit %s of %s", u.Name, r.Device), u.Busy)
		}
		for _, l := range r.Links {
			consider(linkName(r.Device, &l), l.Busy)
		}
	}
	return most, known
}

// linkName is the link from a device to a peer.
func linkName(device string, l *Link) string {
	name := "the link " + l.Peer + "←" + device
	if l.Name != "" && l.Name != device+"-"+l.Peer && l.Name != l.Peer+"-"+device {
		name += " (" + l.Name + ")"
	}
	return name
}

// fullLinks says which FIFOs to other devices have no credit left, over links that are not
// shaped: how busy these are beyond the sender's side can't be seen.
func fullLinks(rows []Row) (all []string) {
	for _, r := range rows {
		for _, f := range r.FIFOs {
			i := slices.IndexFunc(r.Links, func(l Link) bool { return l.Peer == f.Peer })
			if f.Sends && f.Tokens >= f.Capacity && i >= 0 && !r.Links[i].Shaped {
				l := &r.Links[i]
				all = append(all, fmt.Sprintf("the FIFO %s over %s is full (%d of %d): that link may bound the throughput%s",
					f.Name, linkName(r.Device, l), f.Tokens, f.Capacity, carried(l)))
			}
		}
	}
	return all
}

// carried says how much of its capacity a link carries.
func carried(l *Link) string {
	switch {
	case l.CapacityBytesPerSec <= 0:
		return ", but its capacity is not known"
	case l.SentBytesPerSec == nil:
		return fmt.Sprintf("; it can carry %.3g MB/s", l.CapacityBytesPerSec/1e6)
	}
	return fmt.Sprintf("; it carries %.3g of %.3g MB/s", *l.SentBytesPerSec/1e6, l.CapacityBytesPerSec/1e6)
}

// stands reports whether no device has done a frame.
func stands(rows []Row) bool {
	return !slices.ContainsFunc(rows, func(r Row) bool { return r.Rates.FramesPerSec > 0 })
}

// waiting says what the actors of a run that stands wait for, at most two each of its devices.
func waiting(rows []Row) string {
	var all []string
	for _, r := range rows {
		for _, w := range r.Waits[:min(2, len(r.Waits))] {
			all = append(all, "on "+r.Device+" "+w)
		}
	}
	if all == nil {
		return ""
	}
	return ": " + strings.Join(all, "; ")
}

func (x *resource) limit() string {
	if math.IsNaN(x.bound) {
		return "a number of frames/s that is not known yet"
	}
	if x.rough {
		return fmt.Sprintf("about %.2g frames/s", x.bound)
	}
	return short(x.bound) + " frames/s"
}

// percent is a share as it is shown; counts of what has ended may give a little more than all.
func percent(share float64) string { return fmt.Sprintf("%.0f %%", 100*min(share, 1)) }

// short is a number with three digits or so.
func short(v float64) string {
	switch {
	case v >= 99.95:
		return fmt.Sprintf("%.0f", v)
	case v >= 9.995:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
