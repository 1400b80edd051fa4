// Package space turns a plan file into problems of core/explore, one for every codec and every
// division of its models, and answers back into plan files. One instance's mapping is looked for;
// the mapping that the file gives it is not taken, but for where its frames enter. It may not
// simulate or run anything: what firings, crossings and tokens take it asks of Costs.
//
// # What a problem is made of
//
//   - Tasks are the actors of the expanded application in precedence order: the segments of the chain
//     of a model, or its parts. Those that neighbour on one unit are one firing, as compile makes
//     them.
//   - What such a firing takes is that of the profile where it was measured. Else it is made up of
//     firings that were: of the model's first segments (C[0:j] - C[0:i]) and of its last ones
//     (C[i:n] - C[j:n]), the mean of both where both are there; or else the sum of firings that
//     together do the same. Candidate.Interpolated names those.
//   - Nets are the tokens that FIFOs carry, coded where the codec applies.
//   - Memory are the constants of models, 4 bytes for each element, and the room of FIFOs, as
//     core/graph/analysis counts it where the actors of a device share one lane; else it is more,
//     which the plan says. What a session needs while it runs is not known.
//
// Several instances, queues and dynamic parts are for the simulation to decide: here one frame of one
// instance crosses the graph, and all of its actors fire. Where frames come at times of their own,
// mappings whose slowest stage takes longer than the mean time between frames are left out, unless
// all do.
package space
