// Package compile makes plans of plan files: models are expanded to actors, neighbours
// on one unit fused, codecs inserted at boundaries, control tokens distributed. It also
// cuts out the sub-models that a plan's actors run. It may not open files, nor run, time
// or send anything.
package compile
