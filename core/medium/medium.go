// Package medium is a plan's shared medium at work, in one way for both drivers: flows of several
// stations share a capacity, which follows a trace and what contention costs. It may not read a
// clock; time is an argument, in ns since the run's start.
package medium

import (
	"math"

	"github.com/edgeprune/edgeprune/core/dcf"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/share"
)

// Medium is the state of a medium. Nothing is allocated in the steady state, beside a number for
// each count of stations that is new.
type Medium struct {
	of      *plan.Medium
	timing  *dcf.Timing // of Wi-Fi, else nil
	rates   *profile.Rates
	nominal float64 // bytes/s, of a trace its mean
	rate    float64 // bytes/s at present
	until   int64   // when the trace changes next
	pool    *share.Pool
	flows   []int32   // by station: of those that have not been taken
	senders int       // stations with flows
	station []int32   // by share.Flow
	attempt []float64 // by stations: see dcf.Timing.Attempt
}

// New returns a medium of a compiled plan on which nothing is sent. rates is its trace; nil
// without one. Stations are the numbers from 0 on.
func New(of *plan.Medium, rates *profile.Rates, stations int) *Medium {
	m := &Medium{
		of: of, timing: dcf.Standards()[string(of.Contention)], rates: rates, rate: float64(of.CapacityBytesPerSec),
		until: math.MaxInt64, flows: make([]int32, stations),
	}
	m.nominal = m.rate
	if rates != nil {
		if m.nominal = rates.Mean(); m.nominal == 0 { // nothing until the last rate, which is more
			m.nominal, _ = rates.At(math.MaxInt64)
		}
		m.rate, m.until = rates.At(0)
	}
	m.pool = share.New(m.capacity())
	return m
}

// Class is the class of flows with one limit of their own.
type Class = share.Class

// Flow is a flow that has not been taken.
type Flow = share.Flow

// Class returns the class of flows of links of a bandwidth in bytes/s; 0: it has no limit.
func (m *Medium) Class(bytesPerSec float64) Class { return m.pool.Class(bytesPerSec) }

// Alone returns the bytes/s of a flow that has the medium for itself, of a trace at its mean.
func (m *Medium) Alone() float64 { return m.carries(m.nominal, 1) }

// Most returns the most bytes/s that any number of stations carry together, of a trace at its mean.
func (m *Medium) Most() float64 {
	most := m.Alone()
	for n := 2; ; n++ { // a few stations can carry more than one, which waits between messages
		carry := m.carries(m.nominal, n)
		if carry <= most {
			return most
		}
		most = carry
	}
}

// Work returns what a token of n bytes takes of the medium, as bytes of full messages. It is
// more than n by what its last message takes beside its bytes.
func (m *Medium) Work(n int64) float64 {
	if m.timing == nil && m.of.PerMessage == 0 {
		return float64(n) // exactly
	}
	size := float64(m.of.MessageBytes)
	alone := m.Alone()
	beside := size/alone - size/m.nominal // s per message
	return (float64(n)/m.nominal + math.Ceil(float64(n)/size)*beside) * alone
}

// carries returns the payload in bytes/s that stations carry together at a bit rate, given in
// bytes/s.
func (m *Medium) carries(rate float64, stations int) float64 {
	size := float64(m.of.MessageBytes)
	switch {
	case rate <= 0:
		return 0
	case m.timing != nil:
		for len(m.attempt) <= stations {
			m.attempt = append(m.attempt, m.timing.Attempt(max(len(m.attempt), 1)))
		}
		return m.timing.Throughput(stations, m.attempt[stations], size, 8*rate)
	case m.of.PerMessage > 0:
		rate = size / (size/rate + m.of.PerMessage.Seconds())
	}
	return rate / (1 + m.of.PerStation*float64(stations-1))
}

// capacity returns that of the moment.
func (m *Medium) capacity() float64 { return m.carries(m.rate, max(m.senders, 1)) }

// follow lets time pass until now, with the changes of the trace.
func (m *Medium) follow(now int64) {
	for m.until <= now {
		at := m.until
		if m.pool.Len() == 0 { // nobody has seen the others
			at = now
		}
		m.rate, m.until = m.rates.At(at)
		m.pool.SetCapacity(at, m.capacity())
	}
}

// Add lets a flow of so much Work begin that a station sends. tag is what Take gives back.
func (m *Medium) Add(now int64, station int32, of Class, work float64, tag int32) Flow {
	m.follow(now)
	if m.flows[station]++; m.flows[station] == 1 {
		m.senders++
		m.contend(now)
	}
	id := m.pool.Add(now, of, work, tag)
	for int(id) >= len(m.station) {
		m.station = append(m.station, 0)
	}
	m.station[id] = station
	return id
}

// Remove takes a flow away that Take has not given.
func (m *Medium) Remove(now int64, id Flow) {
	m.follow(now)
	m.pool.Remove(now, id)
	m.left(now, id)
}

// Take returns the tag of a flow that has crossed by now, and false when there are no more.
func (m *Medium) Take(now int64) (tag int32, ok bool) {
	m.follow(now)
	id, tag, ok := m.pool.Take(now)
	if ok {
		m.left(now, id)
	}
	return tag, ok
}

// left takes note that a station has a flow less.
func (m *Medium) left(now int64, id Flow) {
	at := m.station[id]
	if m.flows[at]--; m.flows[at] == 0 {
		m.senders--
		m.contend(now)
	}
}

// contend fits the capacity to the stations that send.
func (m *Medium) contend(now int64) {
	if m.timing != nil || m.of.PerStation > 0 {
		m.pool.SetCapacity(now, m.capacity())
	}
}

// Next returns when Take is to be called next: when a flow has crossed if nothing changes, or the
// trace changes; and false if nothing is sent.
func (m *Medium) Next() (int64, bool) {
	at, ok := m.pool.Next()
	if m.pool.Len() > 0 && m.until < math.MaxInt64 && (!ok || m.until < at) {
		return m.until, true
	}
	return at, ok
}

// Rate returns what a flow passes at the moment in bytes/s of Work.
func (m *Medium) Rate(id Flow) float64 { return m.pool.Rate(id) }

// Totals returns what has happened until now.
func (m *Medium) Totals(now int64) share.Totals {
	m.follow(now)
	return m.pool.Totals(now)
}
