package plan

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// CostKey names what a firing of actor a would cost on a unit, apart from the unit's
// slowdown: equal keys, equal costs.
func (p *Plan) CostKey(a int, u *Unit) string {
	w := &p.Work[a]
	unit := fmt.Sprintf("%s t%d", u.Provider, u.Threads)
	if u.Spin {
		unit += " spin"
	}
	if w.Model != "" {
		return fmt.Sprintf(KernelONNX+" %s@%.8s %s %s", w.Model, w.SHA256, w.Section(), unit)
	}
	actor := &p.Graph.Actors[a]
	params, err := json.Marshal(actor.Params) // sorts its keys
	if err != nil {
		params = fmt.Append(nil, actor.Params)
	}
	var types []string
	of := ""
	for _, port := range slices.Concat(actor.In, actor.Out) {
		if !port.Feedback && !port.Control {
			types = append(types, port.Type.String())
		}
		if w.Tensor != "" && port.Type.Variable() {
			of = " of " + w.Tensor // how far it compresses depends on what is in it
		}
	}
	return fmt.Sprintf("%s%s %s %s %s", actor.Kernel, of, params, strings.Join(types, " "), unit)
}
