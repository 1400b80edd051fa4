package plan

import (
	"slices"
)

// Choice says what a simulation takes for the atr that a configuration actor
// chooses: a record of a run, or how often it chose what. One of both is given.
type Choice struct {
	Actor    string `yaml:"actor" json:"actor"`                           // as named in the application
	Instance string `yaml:"instance,omitempty" json:"instance,omitempty"` // "": every one
	// Recorded is the atr by iteration; after the last it begins again.
	Recorded []int `yaml:"recorded,omitempty" json:"recorded,omitempty"`
	// Rates is the probability by atr.
	Rates map[int]float64 `yaml:"rates,omitempty" json:"rates,omitempty"`
}

// ChoiceOf returns the workload's choice for actor a, or nil: that of its instance, else of the one
// that it is a copy of, else of every one.
func (p *Plan) ChoiceOf(a int) *Choice {
	w := &p.Work[a]
	var found *Choice
	for i := range p.Workload.Choices {
		c := &p.Workload.Choices[i]
		if c.Actor != w.Actor {
			continue
		}
		switch {
		case c.Instance == w.Instance:
			return c
		case c.Instance == "" && found == nil, c.Instance != "" && c.Instance == w.CopyOf:
			found = c
		}
	}
	return found
}

// ATRs returns the keys of Rates, sorted.
func (c *Choice) ATRs() []int {
	var atrs []int
	for atr := range c.Rates {
		atrs = append(atrs, atr)
	}
	slices.Sort(atrs)
	return atrs
}
