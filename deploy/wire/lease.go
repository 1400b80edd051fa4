package wire

import (
	"fmt"
	"strings"
	"time"
	"unicode"
)

// Owner says whose a run is. What it says of itself but for Coordinator, which is in the
// subjects that it may publish on, is for people to read.
type Owner struct {
	Coordinator string `json:"coordinator"` // its name in subjects
	Host        string `json:"host"`
	User        string `json:"user"`
	PID         int    `json:"pid"`
	ID          string `json:"id"` // tells apart those of one name
}

// String names an owner in one line, without control characters.
func (o Owner) String() string {
	name := "a coordinator"
	if o.Coordinator != "" {
		name = "coordinator " + plain(o.Coordinator)
	}
	return fmt.Sprintf("%s (user %s on host %s, process %d)", name, plain(o.User), plain(o.Host), o.PID)
}

// plainBytes bounds what is shown of a name.
const plainBytes = 64

// plain makes a text of another program fit to print.
func plain(s string) string {
	if len(s) > plainBytes {
		s = s[:plainBytes] + "..."
	}
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	if s == "" {
		return "unknown"
	}
	return s
}

// Same reports whether two owners are the same process.
func (o Owner) Same(p Owner) bool {
	return o.Coordinator == p.Coordinator && o.Host == p.Host && o.PID == p.PID && o.ID == p.ID
}

// Held says for which run a device is held.
type Held struct {
	Run   string    `json:"run"`
	Owner Owner     `json:"owner"`
	Since time.Time `json:"since"` // on the device's clock of the day
}

// String says it in words.
func (h Held) String() string {
	return fmt.Sprintf("held by %v for run %s since %s", h.Owner, plain(h.Run),
		h.Since.UTC().Format("2006-01-02 15:04:05 MST"))
}

// ClaimRequest asks for a device for a run. It is granted if nobody holds the device, or the
// owner itself does for this run or another; else the answer says who does.
type ClaimRequest struct {
	Build
	RunRequest
	Owner Owner `json:"owner"`
	// PatienceNs is how long a device may be gone in the run: for so much longer than without
	// one its owner may be silent.
	PatienceNs int64 `json:"patience_ns,omitempty"`
	// Seal asks for the key that the device seals tokens with.
	Seal bool `json:"seal,omitempty"`
	// Take ends the run that another owner holds the device for.
	Take bool `json:"take,omitempty"`
	// Release gives the device back: the run is over. If its owner does not hold the device
	// for the run, nothing happens.
	Release bool `json:"release,omitempty"`
}

// Ended says why a device has ended a run that its owner has not ended.
type Ended struct {
	Run string `json:"run"`
	Why string `json:"why"`
	// By is who has taken the device, if somebody has.
	By *Owner `json:"by,omitempty"`
}
