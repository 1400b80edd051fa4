// Package simgrid compares the simulator with SimGrid (https://simgrid.org): its speed, and
// when plans end. Its tests need SimGrid's C++ library and the tag simgrid; `just bench-sim`
// runs them. The programs in s4u are this project's own. Nothing may import it.
package simgrid
