// Package builtin holds the built-in kernels: sources, model segments, codecs, decoders,
// trackers, configuration actors and sinks. They use the public API of package kernel, as
// kernels of users do; they may not know of networks, other devices or scheduling.
package builtin
