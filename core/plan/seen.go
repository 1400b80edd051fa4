package plan

import "github.com/edgeprune/edgeprune/core/graph"

// Seen reports by actor whether what it makes comes from a model. What others make is a frame as it
// was captured, coded or resized or not, or what was found in it without a model.
func (p *Plan) Seen() ([]bool, error) {
	order, err := graph.Order(p.Graph)
	if err != nil {
		return nil, err
	}
	out := make([][]int, len(p.Work)) // by actor: those that take its tokens of the same frame
	for _, q := range p.Graph.FIFOs {
		if q.Delay == 0 {
			out[q.From] = append(out[q.From], q.To)
		}
	}
	seen := make([]bool, len(p.Work))
	for _, a := range order {
		seen[a] = seen[a] || p.Work[a].Model != ""
		for _, to := range out[a] {
			seen[to] = seen[to] || seen[a]
		}
	}
	return seen, nil
}

// Raw returns the FIFOs that carry what no model has seen over a link: frames, coded or not.
func (p *Plan) Raw() (fifos []int, err error) {
	seen, err := p.Seen()
	if err != nil {
		return nil, err
	}
	for f, q := range p.Graph.FIFOs {
		if q.Delay == 0 && p.Routes[f] >= 0 && !seen[q.From] && !p.Graph.Actors[q.From].Out[q.OutPort].Control {
			fifos = append(fifos, f)
		}
	}
	return fifos, nil
}
