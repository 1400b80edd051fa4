// Package metrics serves what agents and coordinators count as Prometheus metrics, over HTTP. It
// reads it when it is asked for it, and may neither count itself, but for kernel times, nor
// decide anything.
//
// Names and units follow https://prometheus.io/docs/practices/naming. What is not known has no
// value, never 0. Labels are names of the platform, of the device's parts and of the plan; of
// those, only so many are told apart, so that no plan can make their number grow: see MostActors.
package metrics
