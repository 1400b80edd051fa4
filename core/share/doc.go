// Package share divides one capacity among flows, max-min fair: all flows pass at one rate, but
// for those whose own limit is lower, which pass at that and leave the rest to the others (D.
// Bertsekas, R. Gallager, Data Networks, 2nd ed., 1992, section 6.5.2). Flows are fluid, as in
// processor sharing. It may not read a clock; time is an argument, in ns.
//
// # Complexity
//
// Flows of one limit are a class. Of a class, the flow that ends first is known by the bytes
// that the class has passed since the flow began, in a heap. Classes are the leaves of a tree in
// the order of their limits, in which those below the common rate are a prefix; the passing of
// time is told to O(log k) nodes of k classes, not to every class. Which class ends first
// differs between those two modes and changes with time, so a node also holds for how long what
// it knows of that stays right, as a kinetic tournament does (J. Basch, L. J. Guibas, J.
// Hershberger, Data structures for mobile data, J. Algorithms 31(1), 1999).
//
// Adding, ending and removing a flow of n in k classes takes O(log n + log k) amortised, and a
// change of capacity O(log k), however many classes it lets reach their limits, beside the
// tournament's changes: a node's winner can change as often as there are classes below it before
// an event makes it anew. The bound of that is O(log² k) amortised per event; for random limits
// it is far less (see BenchmarkPool). A limit that was not known before costs O(k).
package share
