// Package provision makes what the machines of a testbed need to know each other: keys,
// certificates, the configuration of a NATS server, a folder per machine. It may not start
// anything, and never changes a file that is there.
package provision
