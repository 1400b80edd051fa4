package plan

import (
	"fmt"
	"time"
)

// MaxLinkTime bounds the times of a link's impairments: a year.
const MaxLinkTime = 366 * 24 * time.Hour

// Outage is a time in which nothing crosses a link, in either direction: bytes that have not
// left their sender wait, those that have arrive, and acknowledgements wait. Nothing is lost,
// unlike in a Fault of the link.
type Outage struct {
	From time.Duration `yaml:"from" json:"from_ns"` // since the run's start
	For  time.Duration `yaml:"for" json:"for_ns"`
	// Every lets it happen again every so long after From; 0: once.
	Every time.Duration `yaml:"every,omitempty" json:"every_ns,omitempty"`
}

// shortestEvery is how often an outage may come at most.
const shortestEvery = time.Millisecond

// CheckOutages returns what is wrong with outages, and with which of them.
func CheckOutages(list []Outage) (at int, err error) {
	taken := 0.0
	for i, o := range list {
		switch {
		case !(o.From >= 0 && o.From <= MaxLinkTime):
			return i, fmt.Errorf("outage from %v; expected a time since the run's start from 0 to %v", o.From, MaxLinkTime)
		case !(o.For > 0 && o.For <= MaxLinkTime):
			return i, fmt.Errorf("outage for %v; expected a time above 0, at most %v", o.For, MaxLinkTime)
		case o.Every != 0 && !(o.Every >= shortestEvery && o.Every <= MaxLinkTime):
			return i, fmt.Errorf("outage every %v; expected %v to %v, or none for one that happens once", o.Every,
				shortestEvery,
				MaxLinkTime)
		case o.Every != 0 && o.For >= o.Every:
			return i, fmt.Errorf("outage for %v every %v: nothing would ever cross again; let it be shorter", o.For, o.Every)
		}
		if o.Every > 0 {
			if taken += float64(o.For) / float64(o.Every); taken >= 1 {
				return i, fmt.Errorf("outages that come again take all the time together; let them be shorter or rarer")
			}
		}
	}
	return 0, nil
}
