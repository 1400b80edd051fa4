// Package clocks relates the monotonic clocks of several devices by the messages that
// they exchanged: a message is received after it was sent, so that every one bounds the
// offset between two clocks from one side, and messages both ways leave an interval.
// It may not read a clock, nor know what the messages were.
//
// Within a window of time a clock is taken to run evenly against another one, so that
// their offset lies on a line. The lines that keep all bounds form a convex polygon,
// found from the convex hulls of the bounds from above and from below: Duda, Harrus,
// Haddad and Bernard, Estimating global time in distributed systems (ICDCS 1987); Moon,
// Skelly and Towsley, Estimation and removal of clock skew from network delay
// measurements (INFOCOM 1999); Zhang, Liu and Xia, Clock synchronization algorithms for
// network measurements (INFOCOM 2002). The offset at a time lies between the lowest and
// the highest of these lines there. Where there is no line, or those of neighbouring windows
// contradict each other, a clock's rate has changed, as when NTP corrects it; there, all that
// is used is that two clocks drift apart by MaxDrift at most. What breaks even that is a jump.
package clocks
