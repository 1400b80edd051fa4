// Package measure sweeps an application over partition points, codecs,
// endpoints and links, under both drivers, and keeps what it finds. It may not
// know how a driver works: it reaches them through small interfaces.
package measure
