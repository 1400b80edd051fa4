// Package install holds what makes a Linux machine one device of a testbed: a script and a unit
// of systemd. It has nothing in Go but tests of these.
package install
