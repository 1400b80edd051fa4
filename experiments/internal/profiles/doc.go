// Package profiles has the files that say what firings cost on a device and tokens on a link:
// what stands in them, where they are kept, and what a platform that names some takes from
// them. It may not measure anything, nor connect to a device.
package profiles
