// Package casequeue spreads work over many machines by a NATS server: cases wait in a
// JetStream work queue, workers take them from one durable pull consumer that all share,
// and results go into a key-value bucket under the content hash of the case. The bucket is
// the truth: a case is done when its result is there, and a result that is there stays. Cases
// and results are opaque bytes. It may not know what a study is.
//
// Everything is stored in files by the server, so that a server that is started again has it.
// A case that is queued twice is in the queue once (the stream takes one message a subject);
// one that is computed twice has the result that came first. A worker that is killed says
// nothing for AckWait, and its cases go to others, each alone in its worker. A case whose workers
// end again and again is given up after MostAttempts.
package casequeue
