// Package kerneltcp compares losses of model tcp with the kernel's own TCP over a path that
// delays and drops packets. Its test needs Linux, root and the tag hosts. Nothing may import it.
package kerneltcp
