package node

import (
	"sync"

	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/wire"
)

// recorder collects records and results until they are taken. The zero value is
// ready; its methods may be called from any goroutine. Once the buffers have grown to
// what falls between two takes, recording allocates nothing.
type recorder struct {
	mu           sync.Mutex
	batch, spare wire.Batch
}

// Record adds a record, with times on package clock's clock.
func (r *recorder) Record(rec wire.Record) {
	r.mu.Lock()
	r.batch.Records = append(r.batch.Records, rec)
	r.mu.Unlock()
}

// recordResult returns what takes the results of a sink.
func (r *recorder) recordResult(actor int) func(trace.Result) {
	return func(res trace.Result) {
		r.mu.Lock()
		r.batch.Results = append(r.batch.Results, wire.Result{Actor: int32(actor), N: int32(len(res.Values)), Frame: res.Frame})
		r.batch.Values = append(r.batch.Values, res.Values...)
		r.mu.Unlock()
	}
}

// take returns what was recorded since the last take; it is valid until the next one.
func (r *recorder) take() wire.Batch {
	r.mu.Lock()
	defer r.mu.Unlock()
	full := r.batch
	r.batch = wire.Batch{Records: r.spare.Records[:0], Results: r.spare.Results[:0], Values: r.spare.Values[:0]}
	r.spare = full
	return full
}
