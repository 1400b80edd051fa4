// Package models moves sub-models from a coordinator to agents: through the JetStream object
// store of the NATS server, in parts that are named by their SHA-256, and keeps parts on a
// device. What is there and right is never moved again: transfers go on where they broke off,
// and last for as long as something moves. It may not know what sub-models are for.
//
// A reader sends requests to $JS.API.STREAM.INFO.OBJ_<bucket>, $JS.API.DIRECT.GET.OBJ_<bucket>
// and below the latter, and no others: it makes no consumer, whose messages the server would
// send to any subject that the consumer names.
package models
