// Package explore finds where the tasks of a graph are best run: which processing unit of which
// device each of them gets, so that one or several objectives are least under limits. It knows
// costs only as numbers, and may not simulate, measure or read anything: its answers are
// candidates of an analytic model, which a simulation decides between.
//
// # The model
//
// One frame crosses the graph. Tasks are scheduled in the order in which they are listed, each
// when its unit is free and its tokens are there; some join the firing of the task before them,
// see Task.Joins. A token crosses once for each firing that takes it on another device: it is
// encoded on the unit that made it, when that is free of the tasks before, waits for the channel,
// keeps it busy for the hop's occupancy, and after the hop's flight is decoded on the unit that
// takes it.
//
//   - Latency is the time at which the last task ends.
//   - EndpointTime is, of the endpoint where it is most, the time that tasks, coding and sending
//     take there.
//   - Period is the time between frames of the slowest stage: the largest load of a unit, per
//     lane, or of a channel.
//   - Energy is the sum over devices of idle power for the time of a frame, and of what tasks,
//     coding, sending and receiving take in addition.
//   - Traffic, Loss and Raw add up over the tokens that cross; Leakage is that of the token that
//     leaks most.
//   - Memory is what the tasks of a device hold, and the tokens that they take and send.
//
// # Methods
//
// BranchAndBound extends partial mappings task by task. Of those that look the same to the tasks
// that are left it keeps the ones that no other is as good as in everything (the dominance of
// dynamic programming; Martins 1984, European Journal of Operational Research 16, for several
// objectives), less those whose lower bounds miss a limit, or a mapping that is known. On a chain
// that is dynamic programming over its cuts. MinCut solves sums on two units as a least cut of a
// network (Stone 1977, IEEE Transactions on Software Engineering 3). LocalSearch, seeded, gives
// the first mappings, and the answer where the others can't be had. Each says whether it is
// proven.
package explore
