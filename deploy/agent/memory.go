package agent

import (
	"runtime/debug"
	"runtime/metrics"

	"github.com/edgeprune/edgeprune/deploy/wire"
)

// goMemory returns what the Go runtime holds of the process's memory.
func goMemory() wire.GoMemory {
	var m wire.GoMemory
	classes := []struct {
		to   *int64
		name string
	}{
		{&m.ObjectBytes, "heap/objects"},
		{&m.FreeBytes, "heap/unused"},
		{&m.FreeBytes, "heap/free"},
		{&m.StackBytes, "heap/stacks"},
		{&m.StackBytes, "os-stacks"},
		{&m.RuntimeBytes, "metadata/mcache/inuse"},
		{&m.RuntimeBytes, "metadata/mcache/free"},
		{&m.RuntimeBytes, "metadata/mspan/inuse"},
		{&m.RuntimeBytes, "metadata/mspan/free"},
		{&m.RuntimeBytes, "metadata/other"},
		{&m.RuntimeBytes, "profiling/buckets"},
		{&m.RuntimeBytes, "other"},
	}
	samples := make([]metrics.Sample, len(classes))
	for i, c := range classes {
		samples[i].Name = "/memory/classes/" + c.name + ":bytes"
	}
	metrics.Read(samples)
	for i, s := range samples {
		if s.Value.Kind() == metrics.KindUint64 {
			*classes[i].to += int64(s.Value.Uint64())
		}
	}
	return m
}

const (
	touchBytes = 64 << 10 // of the pieces that settleHeap touches the heap in
	pageBytes  = 4 << 10
)

// touched keeps the compiler from leaving out what only settleHeap uses.
var touched []byte

// settleHeap brings the heap to the size that it has in a run: it gives back what
// loading has left behind, and then writes to as much as the collector lets the heap
// grow before it collects, and the runtime keeps. So the run's frames cause few page faults.
func settleHeap() {
	debug.FreeOSMemory()
	goal := []metrics.Sample{{Name: "/gc/heap/goal:bytes"}}
	metrics.Read(goal)
	if goal[0].Value.Kind() != metrics.KindUint64 {
		return
	}
	most := int64(goal[0].Value.Uint64())
	most += most / 10 // the runtime keeps as much more
	for n := most - goMemory().ObjectBytes; n > 0; n -= touchBytes {
		touched = make([]byte, touchBytes)
		for i := 0; i < touchBytes; i += pageBytes {
			touched[i] = 1 // fresh pages are zero without having been written
		}
	}
	touched = nil
}
