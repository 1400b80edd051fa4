// Package deploy runs plans for real: a coordinator that hands out slices to
// agents and collects their traces, and a testbed of agents on this machine. Once a
// run has started it may not touch a token: these go from agent to agent.
package deploy
