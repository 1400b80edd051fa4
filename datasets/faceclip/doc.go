// Package faceclip generates a clip with exact ground truth, a camera moving over a photograph of
// five people; it may not use a network or a clock.
package faceclip
