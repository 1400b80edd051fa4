package node

import (
	"encoding/binary"
	"math"
	"sync"
	"sync/atomic"

	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/wire"
)

// recorder collects records and results until they are taken. The zero value is
// ready; its methods may be called from any goroutine. Once the buffers have grown to
// what falls between two takes, recording allocates nothing.
type recorder struct {
	results      sync.Mutex
	batch, spare wire.Batch
	announced    bool          // that the batch should be taken; guarded by the mutex
	crowded      atomic.Bool   // firings should wait until the batch has been taken
	full         chan struct{} // has one element when announced has become true
}

// Bounds of what is recorded between two takes, of records and of values of results. From
// the first on it should be taken at once, from the second on firings wait for that, if they
// wait for records at all.
const (
	announcedRecords, crowdedRecords = 1 << 15, 1 << 16
	announcedValues, crowdedValues   = 1 << 22, 1 << 24
)

// recordsRoom is how many records a buffer has room for at first: those of 100 ms in which
// ten thousand firings and tokens a second are recorded.
const recordsRoom = 1024

// reserve makes room in both buffers, so that few runs have to enlarge them.
func (r *recorder) reserve() {
	r.batch.Records, r.spare.Records = make([]wire.Record, 0, recordsRoom), make([]wire.Record, 0, recordsRoom)
	r.full = make(chan struct{}, 1)
}

// Record adds a record, with times on the node's clock.
func (r *recorder) Record(rec wire.Record) {
	r.results.Lock()
	r.batch.Records = append(r.batch.Records, rec)
	r.crowd()
	r.results.Unlock()
}

// crowd says what the batch's bounds ask for. The mutex is held.
func (r *recorder) crowd() {
	records, values := len(r.batch.Records), len(r.batch.Values)
	if records >= crowdedRecords || values >= crowdedValues {
		r.crowded.Store(true)
	}
	if records < announcedRecords && values < announcedValues || r.announced {
		return
	}
	r.announced = true
	select {
	case r.full <- struct{}{}:
	default:
	}
}

// Full has an element when so much has been recorded that it should be taken at once.
func (r *recorder) Full() <-chan struct{} { return r.full }

// add adds a result. The mutex is held.
func (r *recorder) add(actor int, frame int64, values []float32) {
	r.batch.Results = append(r.batch.Results, wire.Result{Actor: int32(actor), N: int32(len(values)), Frame: frame})
	r.batch.Values = append(r.batch.Values, values...)
	r.crowd()
}

// result is what a sink recorded for a frame, as it is saved.
type result struct {
	frame int64
	data  []byte
}

// recordResult returns what takes the results of a sink.
func (n *Node) recordResult(a *actor) func(trace.Result) {
	return func(res trace.Result) {
		n.results.Lock()
		defer n.results.Unlock()
		n.recorder.add(a.index, res.Frame, res.Values)
		if n.keeper != nil {
			a.results = append(a.results, result{res.Frame, encode(nil, res.Values)})
		}
	}
}

// recordSaved records a result that an earlier incarnation has saved.
func (n *Node) recordSaved(a *actor, frame int64, data []byte) {
	values := make([]float32, len(data)/4)
	for i := range values {
		values[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
	}
	n.results.Lock()
	defer n.results.Unlock()
	n.recorder.add(a.index, frame, values)
}

// take returns what was recorded since the last take; it is valid until the next one.
func (r *recorder) take() wire.Batch {
	r.results.Lock()
	defer r.results.Unlock()
	full := r.batch
	r.batch = wire.Batch{Records: r.spare.Records[:0], Results: r.spare.Results[:0], Values: r.spare.Values[:0]}
	r.spare = full
	r.announced = false
	r.crowded.Store(false)
	return full
}
