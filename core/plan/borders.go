package plan

import "github.com/edgeprune/edgeprune/core/onnx"

// Border is where a plan parts what ONNX Runtime would compute as one: the nodes run
// in two sessions, which together are slower.
type Border struct {
	From    string   `json:"from"` // actors
	To      string   `json:"to"`
	Tensors []string `json:"tensors"`           // of the model, that go from one to the other
	Broken  []string `json:"broken"`            // the operators, such as Conv+Relu
	Instead []string `json:"instead,omitempty"` // tensors to send, so that nothing is parted
}

// Borders returns the borders between the actors of a compiled plan that run parts of
// one model.
func (p *Plan) Borders() ([]Border, error) {
	sections := map[string][]onnx.Section{}
	actors := map[string][]int{}
	var models []string // of actors of the application, in order
	for a, w := range p.Work {
		m := p.models[w.Model]
		if w.Model == "" || m == nil {
			continue
		}
		name := p.modelActor(a)
		if actors[name] == nil {
			models = append(models, name)
		}
		actors[name] = append(actors[name], a)
		sections[name] = append(sections[name], w.section())
	}
	var list []Border
	for _, name := range models {
		if len(actors[name]) < 2 {
			continue
		}
		found, err := p.models[p.Work[actors[name][0]].Model].Borders(sections[name])
		if err != nil {
			return nil, err
		}
		for _, b := range found {
			list = append(list, Border{
				From: p.Graph.Actors[actors[name][b.From]].Name, To: p.Graph.Actors[actors[name][b.To]].Name,
				Tensors: b.Tensors, Broken: b.Broken, Instead: b.Instead,
			})
		}
	}
	return list, nil
}
