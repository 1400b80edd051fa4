// Package hosts tests the program on several hosts, made of namespaces of this machine: its
// tests have the build tag hosts, and `just hosts` runs them. It has nothing but tests.
package hosts
