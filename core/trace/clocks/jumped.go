package clocks

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// pairJump is a stretch of time, on the clock of i, in which that or the clock of j jumped.
type pairJump struct {
	i, j int
	at   *jump
}

// jumped says whose clock jumped, and when: of the pairs whose messages contradict each
// other, the clock in most of them; of several, those whose messages with no other clock agree.
func jumped(names []string, direct [][]*relation, jumps []pairJump) error {
	broken, sound := make([]int, len(names)), make([]int, len(names))
	for _, p := range jumps {
		broken[p.i]++
		broken[p.j]++
	}
	for i := range direct {
		for j := range direct[i] {
			if direct[i][j] != nil {
				sound[i]++
				sound[j]++
			}
		}
	}
	most := slices.Max(broken)
	var candidates []int
	for i := range names {
		if broken[i] == most {
			candidates = append(candidates, i)
		}
	}
	if slices.ContainsFunc(candidates, func(i int) bool { return sound[i] == 0 }) {
		candidates = slices.DeleteFunc(candidates, func(i int) bool { return sound[i] > 0 })
	}
	first := candidates[0]
	at := jumps[slices.IndexFunc(jumps, func(p pairJump) bool { return p.i == first || p.j == first })]
	// A time on the clock that jumped says least: take it on the other one's, if there is one.
	for _, p := range jumps {
		if p.i == first {
			at = p
			break
		}
	}
	var who []string
	for _, i := range candidates {
		who = append(who, names[i])
	}
	between := fmt.Sprintf("between %v and %v on the clock of %s", seconds(at.at.from), seconds(at.at.to), names[at.i])
	if len(who) == 1 {
		return fmt.Errorf("%w: that of %s, %s", ErrJump, who[0], between)
	}
	return fmt.Errorf("%w: one of those of %s, %s", ErrJump, strings.Join(who, " and "), between)
}

func seconds(ns int64) time.Duration { return time.Duration(ns).Round(10 * time.Millisecond) }
