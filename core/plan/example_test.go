package plan_test

import (
	"encoding/json"
	"fmt"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/plan/plantest"
)

// A plan is a value: it reaches another device as JSON, and each device runs its slice.
// A name is never taken apart to know what an actor is.
func ExamplePlan() {
	file, err := planfile.Parse("good.yaml", []byte(plantest.GoodYAML))
	if err != nil {
		fmt.Println(err)
		return
	}
	model, err := plantest.Classifier()
	if err != nil {
		fmt.Println(err)
		return
	}
	made, err := compile.Compile(file, compile.Models{"classifier": model})
	if err != nil {
		fmt.Println(err)
		return
	}
	sent, err := json.Marshal(made)
	if err != nil {
		fmt.Println(err)
		return
	}
	var p plan.Plan
	if err := json.Unmarshal(sent, &p); err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range p.Slices() {
		fmt.Println(s.Device)
		for _, a := range s.Actors {
			w := p.Work[a.Actor]
			switch {
			case w.Model != "":
				fmt.Printf("  partition points %d to %d of model %s, actor %s\n", w.From, w.To, w.Model, w.Actor)
			case w.Tensor != "":
				fmt.Printf("  %s of %s\n", p.Graph.Actors[a.Actor].Kernel, w.Tensor)
			default:
				fmt.Printf("  actor %s\n", w.Actor)
			}
		}
	}
	// Output:
	// camera-box
	//   actor camera
	//   actor normalise
	//   partition points 0 to 1 of model classifier, actor net
	//   encode of net.relu0
	// server
	//   partition points 1 to 3 of model classifier, actor net
	//   decode of net.relu0
	//   actor sink
}
