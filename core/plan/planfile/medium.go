package planfile

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/edgeprune/edgeprune/core/dcf"
	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/core/plan"
)

// Bounds of a medium's numbers, so that a slip of the pen is no strange result.
const (
	mostPerMessage   = time.Minute
	mostMessageBytes = 1 << 30
	mostPerStation   = 100
)

// checkMedia checks the media of the platform, and the links that are on them.
func (f *File) checkMedia() error {
	return CheckMedia(f.Platform.Media, f.Platform.Links, "$.platform", f.Errorf)
}

// CheckMedia checks media and the links that are on them, which stand below a path of a file that
// places errors.
func CheckMedia(
	media []plan.Medium, links []plan.Link, below string, place func(path, format string, args ...any) error,
) error {
	var errs []error
	add := func(path, format string, args ...any) { errs = append(errs, place(path, format, args...)) }
	names := map[string]bool{}
	used := map[string]bool{}
	for i := range links {
		used[links[i].Medium] = true
	}
	for i := range media {
		m, path := &media[i], fmt.Sprintf("%s.media[%d]", below, i)
		switch {
		case m.Name == "":
			add(path+".name", "%w: a medium has no name; give it one that no other has", ErrPlatform)
			continue
		case names[m.Name]:
			add(path+".name", "%w: two media are named %q; give every one a name of its own", ErrPlatform, m.Name)
		case !used[m.Name]:
			add(path+".name", "%w: no link is on medium %s; name it under medium of those that share it, or remove it",
				ErrPlatform, m.Name)
		}
		names[m.Name] = true
		if key, err := checkMedium(m); err != nil {
			add(path+key, "%w: medium %s%w", ErrPlatform, m.Name, err)
		}
	}
	for i := range links {
		l, path := &links[i], fmt.Sprintf("%s.links[%d]", below, i)
		switch {
		case l.Medium == "":
		case !names[l.Medium]:
			add(path+".medium", "%w: link %s is on medium %q; %s%s", ErrPlatform, l.Name, l.Medium, listed(names),
				nearest.Hint(l.Medium, slices.Sorted(maps.Keys(names))))
		case l.Trace != "":
			add(path+".trace", "%w: link %s has a trace, and is on medium %s; give the trace to the medium", ErrPlatform,
				l.Name, l.Medium)
		case len(l.Outages) > 0:
			add(path+".outages", "%w: link %s has outages, and is on medium %s; give the medium a trace of 0 bytes/s at these "+
				"times, or the plan faults of the link", ErrPlatform, l.Name, l.Medium)
		}
	}
	return errors.Join(errs...)
}

func listed(names map[string]bool) string {
	if len(names) == 0 {
		return "the platform has no media; list it under media"
	}
	return "the media are " + strings.Join(slices.Sorted(maps.Keys(names)), ", ")
}

// checkMedium checks what a medium carries. It returns the key that an error is of.
func checkMedium(m *plan.Medium) (key string, err error) {
	known := contentions[m.Contention]
	standards := slices.Sorted(maps.Keys(dcf.Standards()))
	_, wifi := dcf.Standards()[string(m.Contention)]
	switch {
	case m.CapacityBytesPerSec == 0 && m.Trace == "":
		return "", errors.New(" has no capacity; give it one, such as capacity_bytes_per_sec: 54Mbit/s, or a trace")
	case !(m.CapacityBytesPerSec >= 0 && m.CapacityBytesPerSec <= math.MaxFloat64):
		return ".capacity_bytes_per_sec", fmt.Errorf(": capacity of %g bytes/s; expected more than 0, such as 54Mbit/s",
			float64(m.CapacityBytesPerSec))
	case m.CapacityBytesPerSec > 0 && m.CapacityBytesPerSec < leastRate:
		return ".capacity_bytes_per_sec", fmt.Errorf(": capacity of %g bytes/s; expected at least %d, such as 54Mbit/s",
			float64(m.CapacityBytesPerSec), leastRate)
	case m.CapacityBytesPerSec > 0 && m.Trace != "":
		return ".trace", errors.New(" has a capacity and a trace of it; remove one")
	case m.TraceLoop && m.Trace == "":
		return ".trace_loop", errors.New(" has no trace to loop")
	case m.PerMessage < 0 || m.PerMessage > mostPerMessage:
		return ".per_message", fmt.Errorf(": %v per message; expected 0 to %v, such as 50us", m.PerMessage, mostPerMessage)
	case m.MessageBytes < 0 || m.MessageBytes > mostMessageBytes:
		return ".message_bytes", fmt.Errorf(": messages of %d bytes; expected 1 to %d, or nothing for %d", m.MessageBytes,
			mostMessageBytes, plan.MessageBytes)
	case !known && !wifi:
		return ".contention", fmt.Errorf(": contention %q; expected none, linear or a Wi-Fi standard: %s%s", m.Contention,
			strings.Join(standards, ", "), nearest.Hint(m.Contention, append(standards, "none", "linear")))
	case wifi && m.PerMessage > 0:
		return ".per_message", fmt.Errorf(": %s says itself what a message takes; remove per_message", m.Contention)
	case m.Contention == plan.Linear && !(m.PerStation > 0 && m.PerStation <= mostPerStation):
		return ".per_station", fmt.Errorf(": %g per station; linear contention needs a part of a message's time above 0 and "+
			"at most %d, such as per_station: 0.05", m.PerStation, mostPerStation)
	case m.Contention != plan.Linear && m.PerStation != 0:
		return ".per_station", errors.New(": only linear contention has a cost per station; remove it")
	}
	return "", nil
}

// contentions are those without a standard.
var contentions = map[plan.Contention]bool{"": true, plan.NoContention: true, plan.Linear: true}
