// Package identity says who a client of the NATS server is, what it may do there, and how it
// connects: keys (nkeys), permissions, TLS, and the testbed file that holds all of it. It may
// not print a secret, and decides nothing of a run.
package identity
