// Package benchmarks holds what `just bench` runs: it measures the deployment's time
// and memory as ratios against hand-written rivals that run interleaved with it. It
// exports nothing and may not assert a time: a ratio above its target is printed.
package benchmarks
