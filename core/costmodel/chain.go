package costmodel

import "math"

// chain is a hidden Markov model of two states with normal values.
type chain struct {
	values   []float64
	mean, sd [2]float64
	stay     [2]float64 // probability that the next value is of the same state
	first    float64    // probability that the first value is of state 1
	floor    float64    // of sd
	slow     []float64  // by value: probability of state 1
	weight   [2]float64 // expected number of values of a state
	ends     [2]float64 // expected number of times that a state was left

	ahead [][2]float64 // scaled forward variables
	back  [][2]float64
	scale []float64
}

// newChain begins with values whose states are taken to be known.
func newChain(values []float64, upper []bool) *chain {
	n := len(values)
	c := &chain{
		values: values, slow: make([]float64, n), ahead: make([][2]float64, n), back: make([][2]float64, n),
		scale: make([]float64, n), first: 0.5,
	}
	_, sd, _ := moments(values)
	c.floor = max(sd/1000, 1e-9)
	for t := range values {
		if upper[t] {
			c.slow[t] = 1
		}
	}
	var from, same [2]float64
	for t := range n - 1 {
		s := int(c.slow[t])
		from[s]++
		if upper[t] == upper[t+1] {
			same[s]++
		}
	}
	for s := range 2 {
		c.stay[s] = (same[s] + 1) / (from[s] + 2)
	}
	c.spread()
	return c
}

// spread takes means and standard deviations from the values' states.
func (c *chain) spread() {
	c.weight = [2]float64{}
	var sum [2]float64
	for t, v := range c.values {
		for s, p := range [2]float64{1 - c.slow[t], c.slow[t]} {
			c.weight[s] += p
			sum[s] += p * v
		}
	}
	for s := range 2 {
		if c.weight[s] > 0 {
			c.mean[s] = sum[s] / c.weight[s]
		}
	}
	var square [2]float64
	for t, v := range c.values {
		for s, p := range [2]float64{1 - c.slow[t], c.slow[t]} {
			square[s] += p * (v - c.mean[s]) * (v - c.mean[s])
		}
	}
	for s := range 2 {
		if c.weight[s] > 0 {
			c.sd[s] = max(math.Sqrt(square[s]/c.weight[s]), c.floor)
		}
	}
}

// fit improves the model until its likelihood hardly rises.
func (c *chain) fit() {
	const most, enough = 500, 1e-9
	before := math.Inf(-1)
	for range most {
		likelihood := c.expect()
		c.spread()
		if likelihood-before < enough*math.Abs(likelihood) {
			return
		}
		before = likelihood
	}
}

// density returns that of a value in each state, times a factor that is the same for both, and
// the logarithm of that factor.
func (c *chain) density(v float64) (d [2]float64, factor float64) {
	var logs [2]float64
	for s := range 2 {
		z := (v - c.mean[s]) / c.sd[s]
		logs[s] = -z*z/2 - math.Log(c.sd[s])
	}
	factor = max(logs[0], logs[1])
	return [2]float64{math.Exp(logs[0] - factor), math.Exp(logs[1] - factor)}, factor
}

// expect finds what is to be expected of the states, and the chain from that. It returns the
// logarithm of the likelihood but for a constant.
func (c *chain) expect() (likelihood float64) {
	n := len(c.values)
	to := func(from, to int) float64 {
		if from == to {
			return c.stay[from]
		}
		return 1 - c.stay[from]
	}
	densities := make([][2]float64, n)
	for t, v := range c.values {
		var factor float64
		densities[t], factor = c.density(v)
		prior := [2]float64{1 - c.first, c.first}
		if t > 0 {
			for s := range 2 {
				prior[s] = c.ahead[t-1][0]*to(0, s) + c.ahead[t-1][1]*to(1, s)
			}
		}
		a := [2]float64{prior[0] * densities[t][0], prior[1] * densities[t][1]}
		c.scale[t] = a[0] + a[1]
		c.ahead[t] = [2]float64{a[0] / c.scale[t], a[1] / c.scale[t]}
		likelihood += math.Log(c.scale[t]) + factor
	}
	c.back[n-1] = [2]float64{1, 1}
	var from, left [2]float64
	for t := n - 2; t >= 0; t-- {
		for s := range 2 {
			stay := to(s, s) * densities[t+1][s] * c.back[t+1][s] / c.scale[t+1]
			leave := to(s, 1-s) * densities[t+1][1-s] * c.back[t+1][1-s] / c.scale[t+1]
			c.back[t][s] = stay + leave
			from[s] += c.ahead[t][s] * (stay + leave)
			left[s] += c.ahead[t][s] * leave
		}
	}
	for t := range n {
		c.slow[t] = min(c.ahead[t][1]*c.back[t][1], 1)
	}
	c.first, c.ends = possible(c.slow[0]), left
	for s := range 2 {
		if from[s] > 0 {
			c.stay[s] = possible(1 - left[s]/from[s])
		}
	}
	return likelihood
}

// possible keeps a probability away from 0 and 1, at which a value that contradicts it has none.
func possible(p float64) float64 { return min(max(p, 1e-9), 1-1e-9) }

// swap exchanges the states.
func (c *chain) swap() {
	c.mean[0], c.mean[1] = c.mean[1], c.mean[0]
	c.sd[0], c.sd[1] = c.sd[1], c.sd[0]
	c.stay[0], c.stay[1] = c.stay[1], c.stay[0]
	c.ends[0], c.ends[1] = c.ends[1], c.ends[0]
	c.weight[0], c.weight[1] = c.weight[1], c.weight[0]
	for t := range c.slow {
		c.slow[t] = 1 - c.slow[t]
	}
}
