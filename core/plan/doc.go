// Package plan is what a driver runs: an application graph, a platform graph and a
// mapping of one to the other, with a workload, checked. It is a value that survives
// JSON. It may not read YAML (package planfile) or models (package compile), nor run,
// time or send anything.
package plan
