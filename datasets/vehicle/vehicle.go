// Package vehicle renders labelled pictures of vehicles and fits the weights
// of the four-class vehicle classifier to them, both from a seed alone. It may
// not read or write files, read the clock or know of a model runtime: the
// caller injects an Evaluator.
package vehicle

// Side is the height and width of a rendering in pixels.
const Side = 96

// Classes is the number of vehicle classes.
const Classes = 4

// The labels, in the order of the classifier's logits.
const (
	Bus = iota
	Car
	Truck
	Van
)

// Names returns the class names, indexed by label.
func Names() [Classes]string { return [Classes]string{"bus", "car", "truck", "van"} }

// Label returns the label of rendering number index: the classes take turns,
// so any run of 4·n consecutive renderings holds each class n times.
func Label(index int) int { return index % Classes }
