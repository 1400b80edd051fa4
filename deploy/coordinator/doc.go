// Package coordinator runs plans for real: it hands out slices to agents, follows
// the run and collects its trace. Once a run has started it may not touch a token:
// these go from agent to agent. It starts no process.
package coordinator
