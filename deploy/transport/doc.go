// Package transport is what a connection to a NATS server lacks: messages of any size,
// and errors that somebody is told. It may not know what messages say.
//
// Plans, answers, results and traces travel in parts of the server's max_payload by themselves,
// and not through JetStream. A plan is sent to an agent once, by a request that is repeated until
// it is answered: one way for all sizes, which needs neither a store nor the right to use one where
// no actor runs a model. Traces are kept by their device until the coordinator has told that it has
// them: what a stream would keep is kept already, and a server that lost its store loses none of
// it. A stream would write every record to the server's disk while the run is measured.
package transport
