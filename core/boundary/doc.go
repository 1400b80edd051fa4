// Package boundary is the protocol between the two halves of a FIFO whose ends
// lie on different devices, as state machines without I/O: who is there (Session),
// and what may be taken and forgotten (Accept). The engine runs it; it may not know
// actors, kernels or transports.
//
// Tokens of a FIFO carry consecutive sequence numbers. The receiver's slots are
// the sender's credits: token s may be sent only when all tokens before s -
// capacity + 1 are committed, so that memory is bounded on both sides and
// back-pressure crosses the network. The sender keeps every token until the receiver
// acknowledges it, which it does when the consuming firing is committed: done, with all
// that came of it held by somebody else or saved. This is upstream backup (Hwang et al.,
// "High-availability algorithms for distributed stream processing", ICDE 2005): a
// device that lost its memory gets again all that it needs.
//
// Every start of a device is an incarnation with an epoch, greater than all
// before. Messages name the incarnations of both ends; those of or for another one are
// dropped, so that what an earlier incarnation said can't be mixed with what the
// present one says. Hello messages tell the other end of every FIFO between
// two devices how far one has come; whoever receives one sends again what the peer
// lacks. They may be lost, doubled and reordered.
//
// Messages may be lost without anybody noticing. What stays unacknowledged for longer
// than round trips are expected to take (RoundTrip) is overdue: the sender checks what
// the peer has, and sends again what did not arrive. A peer that has all and is only slow
// costs a short question, ever more rarely.
//
// A session with a peer is in one of four states:
//
//   - connecting: the peer's incarnation, or whether it knows this one, is unknown
//   - open: both know each other; tokens flow
//   - asking: open, but messages may be missing; waits for the answer to its question
//   - checking: open, but an acknowledgement is overdue; waits for the answer to its question
//
// and changes as the table says. "ask" sends a Hello that wants an answer and arms
// the retry timer, "check" does so too, but without saying what this device lacks, so
// that the peer sends nothing again; "answer" sends one that wants no answer, "reply"
// answers if the peer's Hello asks, "adopt" takes the sender as the peer's present
// incarnation, "positions" takes the Hello's positions.
//
//	state       input            next        actions
//	connecting  reconnect        connecting  ask
//	connecting  gap              connecting  -
//	connecting  retry            connecting  ask
//	connecting  overdue          connecting  -
//	connecting  hello-stale      connecting  -
//	connecting  hello-unaware    connecting  ask
//	connecting  hello-restarted  connecting  adopt ask
//	connecting  hello-current    open        positions reply
//	connecting  hello-answer     open        positions reply
//	connecting  hello-renewed    open        adopt positions answer
//	open        reconnect        asking      ask
//	open        gap              asking      ask
//	open        retry            open        -
//	open        overdue          checking    check
//	open        hello-stale      open        -
//	open        hello-unaware    open        answer
//	open        hello-restarted  connecting  adopt ask
//	open        hello-current    open        positions reply
//	open        hello-answer     open        positions reply
//	open        hello-renewed    open        adopt positions answer
//	asking      reconnect        asking      ask
//	asking      gap              asking      -
//	asking      retry            asking      ask
//	asking      overdue          asking      -
//	asking      hello-stale      asking      -
//	asking      hello-unaware    asking      ask
//	asking      hello-restarted  connecting  adopt ask
//	asking      hello-current    asking      positions reply
//	asking      hello-answer     open        positions reply
//	asking      hello-renewed    open        adopt positions answer
//	checking    reconnect        asking      ask
//	checking    gap              asking      ask
//	checking    retry            checking    check
//	checking    overdue          checking    -
//	checking    hello-stale      checking    -
//	checking    hello-unaware    asking      ask
//	checking    hello-restarted  connecting  adopt ask
//	checking    hello-current    checking    positions reply
//	checking    hello-answer     open        positions reply
//	checking    hello-renewed    open        adopt positions answer
//
// The Hellos, by who they are from and to: stale, from an earlier incarnation than the
// one known; unaware, from the known one, which does not know this one yet; restarted,
// from a later one, which does not know this one; current, from the known one to this
// one; answer, a current one that answers the last question, or an earlier one that it
// repeats; renewed, from a later one to this one.
package boundary
