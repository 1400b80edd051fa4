// Package linkprobe measures what tokens cost on a link: small plans of a source on one device
// and a sink on the other send tokens the way that all plans send them. It may not know how
// plans are deployed.
package linkprobe
