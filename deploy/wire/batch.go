package wire

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
)

// Record is a trace event as agents keep and send it: names are filled in from
// the plan by who receives it.
type Record struct {
	Kind RecordKind
	// of the actor for Firing, Capture and Drop, of the device for Probed, of the FIFO for the others; in the plan
	Index int32
	Frame int64
	Start int64 // ns since the run's start
	End   int64
	// Firing: ns of the kernel itself; Send, Recv: bytes of the token; Capture, Drop: number of the frame
	Value int64
	Rate  int32 // Firing of a configuration actor: the atr that it set
}

// RecordKind is trace.Kind as a number.
type RecordKind uint8

// The kinds of records.
const (
	Firing RecordKind = iota
	Send
	Recv
	Acked
	// Probed is a probe of the clock of the device Index: Start and End are when it was sent and
	// answered, as of other records; Frame and Value are Probe's Taken and Answered.
	Probed
	Capture
	Drop
)

var kinds = [...]trace.Kind{
	Firing: trace.Firing, Send: trace.Send, Recv: trace.Recv, Acked: trace.Ack, Capture: trace.Capture, Drop: trace.Drop,
}

// Event returns a record that is not Probed as an event of a plan on the named device. An index
// that is not in the plan is an error wrapping ErrBatch.
func (r *Record) Event(p *plan.Plan, device string) (trace.Event, error) {
	i := int(r.Index)
	e := trace.Event{Device: device, Actor: -1, FIFO: -1, Frame: r.Frame, Start: r.Start, End: r.End}
	n, captures := len(p.Graph.FIFOs), r.Kind == Capture || r.Kind == Drop
	if r.Kind == Firing || captures {
		n = len(p.Graph.Actors)
	}
	if int(r.Kind) >= len(kinds) || kinds[r.Kind] == "" || i < 0 || i >= n {
		return e, fmt.Errorf("%w: record of kind %d with index %d", ErrBatch, r.Kind, i)
	}
	e.Kind = kinds[r.Kind]
	if captures {
		if p.DeviceOf(i).Name != device {
			return e, fmt.Errorf("%w: device %s doesn't run actor %s", ErrBatch, device, p.Graph.Actors[i].Name)
		}
		e.Actor, e.Name, e.Number = i, p.Graph.Actors[i].Name, r.Value
		return e, nil
	}
	if r.Kind == Firing {
		u := p.UnitOn(p.Platform.Device(device), i)
		if u == nil {
			return e, fmt.Errorf("%w: device %s doesn't run actor %s", ErrBatch, device, p.Graph.Actors[i].Name)
		}
		e.Actor, e.Name, e.Unit, e.Kernel = i, p.Graph.Actors[i].Name, u.Name, r.Value
		e.Rate = int(r.Rate)
		return e, nil
	}
	if l := p.Routes[i]; l >= 0 {
		e.Unit = p.Platform.Links[l].Name
		if r.Kind == Send {
			e.Nominal = int64(p.Platform.Links[l].Serialisation(r.Value))
		}
	}
	e.FIFO, e.Name, e.Bytes = i, p.Graph.FIFOName(i), r.Value
	return e, nil
}

// Batch is what an agent recorded since its last batch. Its slices may be used
// again once it is encoded.
type Batch struct {
	Epoch   uint64 // of the agent's incarnation
	Seq     uint64 // of the batch in the incarnation's stream, from 0
	Dropped uint64 // records that the incarnation has had to forget, in all so far
	Records []Record
	Results []Result
	Values  []float32 // of all results, one after the other
}

// Result is what the sink Actor recorded for a frame: the next N of the batch's Values.
type Result struct {
	Actor, N int32
	Frame    int64
}

const (
	batchBytes  = 36 // Epoch, Seq, Dropped u64; numbers of records, results and values u32
	recordBytes = 44
	resultBytes = 16
)

// RecordBytes returns how many bytes of the encoded batch are its records.
func (t *Batch) RecordBytes() int { return recordBytes * len(t.Records) }

// DroppedOffset is where Dropped, a little-endian u64, lies in an encoded batch.
const DroppedOffset = 16

// Append appends the encoded batch to b.
func (t *Batch) Append(b []byte) []byte {
	le := binary.LittleEndian
	b = le.AppendUint64(b, t.Epoch)
	b = le.AppendUint64(b, t.Seq)
	b = le.AppendUint64(b, t.Dropped)
	b = le.AppendUint32(b, uint32(len(t.Records)))
	b = le.AppendUint32(b, uint32(len(t.Results)))
	b = le.AppendUint32(b, uint32(len(t.Values)))
	for _, r := range t.Records {
		b = le.AppendUint32(b, uint32(r.Kind))
		b = le.AppendUint32(b, uint32(r.Index))
		b = le.AppendUint64(b, uint64(r.Frame))
		b = le.AppendUint64(b, uint64(r.Start))
		b = le.AppendUint64(b, uint64(r.End))
		b = le.AppendUint64(b, uint64(r.Value))
		b = le.AppendUint32(b, uint32(r.Rate))
	}
	for _, r := range t.Results {
		b = le.AppendUint32(b, uint32(r.Actor))
		b = le.AppendUint32(b, uint32(r.N))
		b = le.AppendUint64(b, uint64(r.Frame))
	}
	for _, v := range t.Values {
		b = le.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

// DecodeBatch reads what Append wrote. Errors wrap ErrBatch.
func DecodeBatch(b []byte) (*Batch, error) {
	le := binary.LittleEndian
	if len(b) < batchBytes {
		return nil, fmt.Errorf("%w: %d bytes", ErrBatch, len(b))
	}
	t := &Batch{Epoch: le.Uint64(b), Seq: le.Uint64(b[8:]), Dropped: le.Uint64(b[16:])}
	records, results, values := int(le.Uint32(b[24:])), int(le.Uint32(b[28:])), int(le.Uint32(b[32:]))
	b = b[batchBytes:]
	if want := records*recordBytes + results*resultBytes + values*4; len(b) != want {
		return nil, fmt.Errorf("%w: %d bytes for %d records, %d results and %d values; expected %d", ErrBatch, len(b),
			records, results, values, want)
	}
	t.Records = make([]Record, records)
	for i := range t.Records {
		t.Records[i] = Record{
			Kind: RecordKind(b[0]), Index: int32(le.Uint32(b[4:])), Frame: int64(le.Uint64(b[8:])),
			Start: int64(le.Uint64(b[16:])), End: int64(le.Uint64(b[24:])), Value: int64(le.Uint64(b[32:])),
			Rate: int32(le.Uint32(b[40:])),
		}
		b = b[recordBytes:]
	}
	t.Results = make([]Result, results)
	sum := 0
	for i := range t.Results {
		r := Result{Actor: int32(le.Uint32(b)), N: int32(le.Uint32(b[4:])), Frame: int64(le.Uint64(b[8:]))}
		if r.N < 0 || int(r.N) > values-sum {
			return nil, fmt.Errorf("%w: result %d has %d values of %d that are left", ErrBatch, i, r.N, values-sum)
		}
		sum += int(r.N)
		t.Results[i] = r
		b = b[resultBytes:]
	}
	t.Values = make([]float32, values)
	for i := range t.Values {
		t.Values[i] = math.Float32frombits(le.Uint32(b[4*i:]))
	}
	return t, nil
}
