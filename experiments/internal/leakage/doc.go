// Package leakage says what the tensors that cross a cut give away of the frames that they were
// made from: it runs the heads of an application on samples, sends what they make across the
// boundary codecs, and asks core/leakage. It may not know a driver: what runs actors and codes
// tokens it takes as an interface; nor may it draw or print.
//
// What it finds proves leakage, never safety: a decoder that is not linear, or one that was
// fitted to more frames, may find more.
//
// A tensor is named as plan.Plan.Tensor names it: actor.port, for a model with the tensor's name
// as the port. Tensors of several cuts come from one run, in which the segments of a model between
// two cuts are one session each; a device that runs the whole head as one session makes the same
// numbers within rounding.
package leakage
