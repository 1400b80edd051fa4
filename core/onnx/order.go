package onnx

import (
	"fmt"
	"slices"
	"strings"
)

// orderError explains why node user may not use tensor, which node maker
// makes later or at the same time: a cycle, or else just a wrong order.
func (m *Model) orderError(user, maker int, tensor string) error {
	cycle := m.path(maker, user)
	if cycle == nil {
		return invalid("node %s uses tensor %q before node %s makes it: sort the nodes topologically",
			label(m.nodes[user].pb), tensor, label(m.nodes[maker].pb))
	}
	const most = 12
	var names []string
	for _, i := range append(cycle, maker) {
		if len(names) == most {
			names = append(names, "...")
			break
		}
		names = append(names, label(m.nodes[i].pb))
	}
	return fmt.Errorf("%w: each of these nodes uses the next one's output: %s", ErrCycle, strings.Join(names, " <- "))
}

// path returns nodes from, ..., to, each of which uses an output of the next;
// nil if there is no such path. It takes a shortest one.
func (m *Model) path(from, to int) []int {
	next := map[int]int{} // towards from
	queue := []int{from}
	seen := map[int]bool{from: true}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		if at == to {
			path := []int{at}
			for at != from {
				at = next[at]
				path = append(path, at)
			}
			slices.Reverse(path)
			return path
		}
		for _, u := range m.nodes[at].uses {
			if p, ok := m.made[u]; ok && p >= 0 && !seen[p] {
				seen[p] = true
				next[p] = at
				queue = append(queue, p)
			}
		}
	}
	return nil
}
