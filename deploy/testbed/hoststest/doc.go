// Package hoststest makes hosts for tests of several machines: network, time and mount
// namespaces of this one (namespaces(7)), each with an address, a boot ID and a monotonic
// clock of its own, and with a link of given bandwidth and latency to a switch. They need
// Linux, root, ip(8), tc(8), unshare(1) and nsenter(1). It may only be imported by tests.
package hoststest
