// Package leakage says what the tensors that cross a cut give away of the frames that they were
// made from: it runs the heads of an application on samples, sends what they make across the
// boundary codecs, and asks core/leakage. It may not know a driver: what runs actors and codes
// tokens it takes as an interface; nor may it draw or print.
//
// What it finds proves leakage, never safety: a decoder that is not linear, or one that was
// fitted to more frames, may find more.
//
// A tensor is named as plan.Plan.Tensor names it: actor.port, for a model with the tensor's name
// as the port. Every actor of the application runs by itself, also each segment of a model, so
// that all tensors come from one run; a device that fuses segments to one session makes the same
// numbers within rounding.
package leakage
