package engine_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/admission"
	"github.com/edgeprune/edgeprune/core/engine/enginetest/world"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/slice"
)

// options are the key=value words of a line.
type options map[string]string

// split parts a line's words into plain ones and options.
func split(words []string) (plain []string, o options) {
	o = options{}
	for _, w := range words {
		key, value, ok := strings.Cut(w, "=")
		if ok && key != "" {
			o[key] = value
		} else {
			plain = append(plain, w)
		}
	}
	return plain, o
}

func (s *stage) number(word string, otherwise int) int {
	if word == "" {
		return otherwise
	}
	n, err := strconv.Atoi(word)
	require.NoError(s.t, err, "line %d", s.where)
	return n
}

func (s *stage) duration(word string) int64 {
	d, err := time.ParseDuration(word)
	require.NoError(s.t, err, "line %d", s.where)
	return int64(d)
}

// define takes a line of the graph or of the devices.
func (s *stage) define(what string, words []string) {
	plain, o := split(words)
	switch {
	case what == "graph" && len(plain) == 3 && (plain[1] == "->" || plain[1] == "=>"):
		s.addFIFO(plain[0], plain[2], plain[1] == "=>", o)
	case what == "graph" && len(plain) == 2:
		s.setKind(&s.graph.Actors[s.actorNamed(plain[0])], plain[1])
	case what == "devices" && plain[0] == "fallback":
		s.fallbacks = append(s.fallbacks, fallback{plain[1], plain[2], s.duration(o["after"])})
	case what == "devices" && strings.HasSuffix(plain[0], ":"):
		s.names = append(s.names, strings.TrimSuffix(plain[0], ":"))
		s.lanes = append(s.lanes, s.number(o["lanes"], 1))
		for _, name := range plain[1:] {
			s.mapping[s.actorNamed(name)] = len(s.names) - 1
		}
		if o["limit"] != "" {
			s.limit = int64(s.number(o["limit"], 0))
		}
		if o["period"] != "" {
			s.period = s.duration(o["period"])
		}
		s.live = max(s.live, s.number(o["live"], 0))
		if o["drop"] != "" {
			s.capture = &admission.Rule{Policy: admission.Policy(o["drop"]), Queue: s.number(o["queue"], 1)}
		}
	default:
		require.Fail(s.t, "unknown definition", "line %d: %q", s.where, words)
	}
}

func (s *stage) setKind(a *graph.Actor, kind string) {
	switch kind {
	case "stateful":
		a.Stateful = true
	case "configuration":
		a.Kind = graph.Configuration
	case "dynamic":
		a.Kind = graph.Dynamic
	case "inner":
		a.Kind = graph.DynamicProcessing
	default:
		require.Fail(s.t, "unknown kind", "line %d: %s", s.where, kind)
	}
}

// actorNamed returns an actor's index; the graph's lines make it.
func (s *stage) actorNamed(name string) int {
	if s.graph == nil {
		s.graph, s.mapping = &graph.Graph{Name: "scenario"}, map[int]int{}
	}
	i := slices.IndexFunc(s.graph.Actors, func(a graph.Actor) bool { return a.Name == name })
	if i >= 0 {
		return i
	}
	require.Empty(s.t, s.names, "line %d: no actor %s", s.where, name)
	s.graph.Actors = append(s.graph.Actors, graph.Actor{Name: name, Kind: graph.StaticProcessing})
	return len(s.graph.Actors) - 1
}

// addFIFO joins two actors: rate=2 or, of variable rate, rate=0..1.
func (s *stage) addFIFO(fromName, toName string, control bool, o options) {
	from, to := s.actorNamed(fromName), s.actorNamed(toName)
	low, high, variable := strings.Cut(o["rate"], "..")
	if !variable {
		high = low
	}
	lrl, url := s.number(low, 1), s.number(high, 1)
	delay := s.number(o["delay"], 0)
	join(s.graph, from, to, lrl, url, s.number(o["capacity"], delay+2*url), control)
	s.graph.FIFOs[len(s.graph.FIFOs)-1].Delay = delay
	name := o["name"]
	if name == "" {
		name = fmt.Sprintf("%s->%s", fromName, toName)
	}
	s.fifos = append(s.fifos, name)
}

type fallback struct {
	near, far string
	afterNs   int64
}

// slices cuts the graph as the script maps it.
func (s *stage) slices() []*slice.Slice {
	require.NoError(s.t, graph.Validate(s.graph), "line %d", s.where)
	deviceOf := make([]int, len(s.graph.Actors))
	for a := range deviceOf {
		d, ok := s.mapping[a]
		require.True(s.t, ok, "line %d: actor %s lies on no device", s.where, s.graph.Actors[a].Name)
		deviceOf[a] = d
	}
	parts := world.Cut(s.graph, deviceOf, 1)
	for i, p := range parts {
		p.Device, p.Units[0].Lanes = s.names[i], s.lanes[i]
		for f := range p.FIFOs {
			if at, ok := strings.CutPrefix(p.FIFOs[f].Peer, "d"); ok {
				p.FIFOs[f].Peer = s.names[s.number(at, 0)]
			}
		}
		for a := range p.Actors {
			sa := &p.Actors[a]
			sa.Durable = s.graph.Actors[sa.Actor].Stateful
			if len(s.graph.Actors[sa.Actor].In) == 0 {
				sa.Limit, sa.Arrivals.PeriodNs, sa.Capture = s.limit, s.period, s.capture
			}
		}
	}
	for _, f := range s.fallbacks {
		world.Fallback(parts[slices.Index(s.names, f.near)], parts[slices.Index(s.names, f.far)], f.afterNs)
	}
	return parts
}
