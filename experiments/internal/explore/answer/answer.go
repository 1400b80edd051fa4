// Package answer says what a search over mappings found: the best in a sentence, the front as a
// table, or which limits clash. It is given values, and may not search, simulate or measure.
package answer

import (
	"github.com/edgeprune/edgeprune/experiments/internal/explore/confirm"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/goal"
)

// Run is what was found of all platforms that were asked for, as explore.json has it. Its field
// names are part of the interface.
type Run struct {
	Name    string     `json:"name"`
	Machine string     `json:"machine"`
	Date    string     `json:"date"`
	Seed    uint64     `json:"seed"`
	Goal    *goal.Goal `json:"goal"`
	Answers []Answer   `json:"answers"`
	Results string     `json:"results,omitempty"` // the folder of the run
	Files   []string   `json:"files,omitempty"`
}

// Answer is what was found of one platform. Its field names are part of the interface.
type Answer struct {
	Name string `json:"name"` // of the platform, such as slow over wired; "": there is one
	// Text is the answer in a sentence.
	Text   string `json:"text"`
	Chosen string `json:"chosen,omitempty"` // the name of the best; "": none keeps the limits
	// Method says how the candidates were found, and Proven that by the analytic model none is better
	// than the best of them, or, where nothing is chosen, that none keeps the limits.
	Method     string         `json:"method"`
	Proven     bool           `json:"proven"`
	Candidates []Candidate    `json:"candidates"` // that were simulated, the best first
	Clashes    []goal.Clash   `json:"clashes,omitempty"`
	Plan       string         `json:"plan,omitempty"` // the file of the chosen plan
	Confirmed  *confirm.Found `json:"confirmed,omitempty"`
	Profiled   string         `json:"profiled,omitempty"` // where costs come from
	// Emulated says that a device is slowed or a link shaped; Assumed lists what nobody measured.
	Emulated bool `json:"emulated"`
	// Real says that what was confirmed ran on devices of a testbed, none slowed and no link shaped.
	Real    bool     `json:"real,omitempty"`
	Assumed []string `json:"assumed,omitempty"`
}

// Candidate is a mapping that was simulated. Its field names are part of the interface.
type Candidate struct {
	Name     string `json:"name"`
	Baseline string `json:"baseline,omitempty"` // which of the three it is; "": none
	Codec    string `json:"codec,omitempty"`
	// Units are those of the actors in precedence order, those that follow each other together.
	Units  []Assigned  `json:"units"`
	Values goal.Values `json:"values"` // simulated; bytes and shares computed
	// Broken are the limits that it doesn't keep.
	Broken []string `json:"broken,omitempty"`
	Front  bool     `json:"front"` // none that keeps the limits is better by one objective and no worse by all
	// Interpolated are costs that no profile has, with how they were made up of those that it has.
	Interpolated []string `json:"interpolated,omitempty"`
	Parts        []Part   `json:"parts,omitempty"` // of its latency; none where it was not looked at

	// RawFrame: a frame crosses a link as it was captured, coded or not.
	RawFrame bool `json:"raw_frame"`
}

// Assigned are neighbouring actors on a unit.
type Assigned struct {
	Unit    string `json:"unit"` // device.unit
	From    string `json:"from"`
	Through string `json:"through"`
}

// Part is what a frame spends in one place.
type Part struct {
	Name    string  `json:"name"` // such as "slow computes" or "on links"
	Seconds float64 `json:"seconds"`
}

// Best returns the chosen candidate; nil if none keeps the limits.
func (a *Answer) Best() *Candidate {
	if a.Chosen == "" {
		return nil
	}
	return &a.Candidates[0]
}

// Baseline returns a baseline by its name; nil if it is not there.
func (a *Answer) Baseline(name string) *Candidate {
	for i := range a.Candidates {
		if a.Candidates[i].Baseline == name {
			return &a.Candidates[i]
		}
	}
	return nil
}
