// Package testbed starts a NATS server and agents on this machine, as child
// processes or in this one, and ends them. It knows nothing of plans and runs: its
// Driver is a coordinator of its agents.
package testbed
