// Package leakage says how much of the inputs the tensors that cross a cut give away, from samples
// of both. What it finds is a proof of leakage; that it finds little proves nothing, as another
// decoder may find more. It may not run a model, nor read pictures from files.
//
// Dependence is the bias-corrected distance correlation of tensors and inputs: 0 in the mean of
// independent ones, at most 1. It sees any dependence, also one that no linear decoder can use.
//
// Reconstruction is what a linear decoder, ridge regression in its dual form, makes of tensors
// that it was not fitted to. It stands between a floor, the mean picture of those it was fitted
// to, and two ceilings: the same decoder fitted to the inputs themselves, which is bounded by the number
// of samples, and, from the caller, a JPEG of as many bytes.
//
// Radius is how close tensors of one class are, where there are labels.
package leakage
