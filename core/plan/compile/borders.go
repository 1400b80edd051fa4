package compile

import (
	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/plan"
)

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
// one model. Models that are not at hand have none.
func Borders(p *plan.Plan, models Models) ([]Border, error) {
	type modelActor struct{ instance, actor string } // of the application
	actors := map[modelActor][]int{}
	var order []modelActor
	for a := range p.Work {
		w := &p.Work[a]
		if w.Model == "" || models[w.Model] == nil {
			continue
		}
		of := modelActor{w.Instance, w.Actor}
		if actors[of] == nil {
			order = append(order, of)
		}
		actors[of] = append(actors[of], a)
	}
	var list []Border
	for _, of := range order {
		parts := actors[of]
		if len(parts) < 2 {
			continue
		}
		var sections []cut.Section
		for _, a := range parts {
			sections = append(sections, between(&p.Work[a]))
		}
		found, err := cut.Borders(models[p.Work[parts[0]].Model].Model, sections)
		if err != nil {
			return nil, err
		}
		for _, b := range found {
			list = append(list, Border{
				From: p.Graph.Actors[parts[b.From]].Name, To: p.Graph.Actors[parts[b.To]].Name,
				Tensors: b.Tensors, Broken: b.Broken, Instead: b.Instead,
			})
		}
	}
	return list, nil
}
