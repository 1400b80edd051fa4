package onnx

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
)

// sortNodes puts every node behind those whose outputs it uses, and leaves the file's order
// where it can. It is ErrCycle if there is no such order.
func (m *Model) sortNodes() error {
	const ( // of a node
		waits = iota + 1 // for what it uses
		placed
	)
	state := make([]int, len(m.nodes))
	order := make([]int, 0, len(m.nodes))
	type step struct{ node, use int }
	var stack []step
	for first := range m.nodes {
		if state[first] == 0 {
			stack = append(stack, step{first, 0})
		}
		for len(stack) > 0 {
			top := &stack[len(stack)-1]
			at := top.node
			state[at] = waits
			uses, on := m.nodes[at].uses, -1
			for on < 0 && top.use < len(uses) {
				maker, made := m.made[uses[top.use]]
				top.use++
				switch {
				case !made || maker < 0 || state[maker] == placed:
				case state[maker] == waits:
					return m.cycleError(at, maker)
				default:
					on = maker
				}
			}
			if on >= 0 {
				stack = append(stack, step{on, 0})
				continue
			}
			state[at] = placed
			order = append(order, at)
			stack = stack[:len(stack)-1]
		}
	}
	nodes, pbs := make([]Node, len(order)), make([]*onnxpb.NodeProto, len(order))
	for i, at := range order {
		nodes[i], pbs[i] = m.nodes[at], m.nodes[at].pb
		for _, o := range pbs[i].Output {
			if o != "" {
				m.made[o] = i
			}
		}
	}
	m.nodes, m.pb.Graph.Node = nodes, pbs
	return nil
}

// cycleError names the nodes of a cycle in which node user uses an output of node maker.
func (m *Model) cycleError(user, maker int) error {
	cycle := m.path(maker, user)
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
