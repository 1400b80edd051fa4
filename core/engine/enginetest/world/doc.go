// Package world runs the engines of all devices of a graph in one process, under
// seeds. A seed draws in which order things happen, which messages are lost, doubled
// or reordered when a connection breaks, and when devices crash and come back. Every
// token has a value that follows from what made it, so that a wrong, lost or doubled
// one shows in the results, which Verify compares with those of a naive interpreter.
//
// A World stands for a driver: it carries out effects, keeps token memory and
// records, and decides nothing that the engine decides. With a Transport, the code
// that a driver puts between its engine and its network runs under the same seeds.
//
// The package is for tests only. It reads no clock, and draws only from the seed.
package world
