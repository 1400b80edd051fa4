// Package kernel is what a kernel is: the code that the firings of an actor run. It has the
// interface, the checks of ports and parameters, and the registry; the built-in kernels are
// in package builtin. It may not know of networks, other devices or scheduling.
package kernel
