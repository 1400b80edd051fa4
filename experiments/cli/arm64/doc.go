// Package arm64 tests agents of the program as it is built for 64-bit Arm processors, under
// QEMU's user emulation: its tests have the build tag qemu, and `just test-arm64` runs them.
// It has nothing but tests.
package arm64
