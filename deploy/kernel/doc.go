// Package kernel holds the code that firings run: sources, model segments, codecs, decoders,
// trackers and sinks; it may not know of networks, other devices or scheduling.
package kernel
