// Package shape finds out and fixes the shapes of a model's tensors: open dimensions of
// inputs are bound, what the file doesn't state is seen in runs of a Prober, and what
// depends on the data gets a bound. It may not run a model itself.
package shape
