package agent

import (
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
