package sim

import (
	"cmp"
	"math"
	"time"

	"github.com/edgeprune/edgeprune/core/arrival"
	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/quantile"
	"github.com/edgeprune/edgeprune/core/summary"
	"github.com/edgeprune/edgeprune/core/trace"
)

// sums adds up what happens in a run, so that no trace is needed. Sums of times may overflow:
// their differences are right nevertheless.
type sums struct {
	actors  []firings // by actor
	varying []varying // of actors whose firings vary
	at      []int32   // by actor: its index in varying, or -1; nil: none varies
	flows   []flow    // by instance
	sources []waiting // of actors whose frames wait
	queues  []queued  // by FIFO, of a plan with faults
	ins     [][]int32 // by actor: its FIFOs, of a plan with faults
	outs    [][]int32
	units   map[trace.Unit]*summary.Unit // of a plan with faults
	end     int64                        // of the last firing
	warmup  int64
	give    func(*summary.Frame) error // takes the frames; nil: they are added up
	frame   summary.Frame
}

// firings adds up those of an actor. All that a firing needs lies in half of a cache line.
type firings struct {
	took  int64 // ns from its beginning to its end; -1: that varies, or there is none for some frames
	begun int64 // sum of the times at which firings took their unit
	ended int64 // sum of the times at which they ended
	flow  int32 // index in sums.flows of an actor that its frames are told of; -1: of others
	role  role
}

// role says what an actor is to the frames of its instance.
type role uint8

const (
	isSource   role = 1 << iota
	isSink          // results leave at it
	isEnd           // there are results that do not wait for it
	isConfig        // it sets an atr
	onEndpoint      // it is on the device of the source, or may be in a run with faults
)

// varying adds up the firings of an actor whose time varies.
type varying struct {
	fired   int64           // how many there were
	counted summary.Counted // for frames from the warm-up on, without the time between firings
	by      *chooser        // of an actor in a dynamic part, or at its border; nil: of others
	begun   int64           // as firings.begun, each firing as often as its atr says
	ended   int64
}

// sendings adds up those of a FIFO over a link.
type sendings struct {
	tokens   int64
	waited   int64 // from being made to beginning to occupy the sender
	busy     int64 // occupying the sender
	received int64
	arrived  int64 // sum of the times at which tokens arrived
	late     int64 // of that, what lies beyond lateOf, the end of the last firing before them
	lateOf   int64
	lost     int64  // tokens that a fault has kept from arriving
	underway int64  // that were on their way when the run ended
	first    uint64 // number of the first token that counts
	counted  summary.Counted
	flow     int32 // index in sums.flows of a FIFO that its frames are told of; -1: of others
	last     bool  // frames wait for its tokens
	line     *line
}

func (s *sendings) sent(seq uint64, made, start, left int64) {
	s.tokens++
	s.waited += start - made
	s.busy += left - start
	if seq >= s.first {
		s.counted.N++
		s.counted.Ns += left - start
	}
}

// came takes note of the arrival of a token, when the last firing so far ends at end.
func (s *sendings) came(now, end int64) {
	s.received++
	s.arrived += now
	if now <= end {
		return
	}
	if s.lateOf != end {
		s.late, s.lateOf = 0, end
	}
	s.late += now - end
}

// within returns the sum of the times at which tokens arrived, of those after the end of the run
// the end. Whatever fires after such an arrival ends later.
func (s *sendings) within(end int64) int64 {
	if s.lateOf == end {
		return s.arrived - s.late
	}
	return s.arrived
}

// newSums returns the sums of a run in which nothing has happened.
func (r *run) newSums(give func(*summary.Frame) error) (*sums, error) {
	s := &sums{actors: make([]firings, len(r.actors)), warmup: r.plan.Workload.Warmup, give: give}
	if r.faulty {
		s.queues, s.units = make([]queued, len(r.graph.FIFOs)), map[trace.Unit]*summary.Unit{}
		s.ins, s.outs = make([][]int32, len(r.actors)), make([][]int32, len(r.actors))
		for i, q := range r.graph.FIFOs {
			s.ins[q.To], s.outs[q.From] = append(s.ins[q.To], int32(i)), append(s.outs[q.From], int32(i))
		}
	}
	index, err := s.addFlows(r)
	if err != nil {
		return nil, err
	}
	inner, ends := r.dynamic(), make([]bool, len(r.actors))
	for _, a := range r.laws.Ends {
		ends[a] = true
	}
	for _, d := range graph.DPGs(r.graph) {
		for _, a := range d.Entries { // no result waits for them where the atr is 0
			ends[a] = true
		}
	}
	for a := range r.actors {
		w, act := &r.plan.Work[a], &r.actors[a]
		f := firings{took: -1, flow: -1}
		c, constant := act.cost.(Constant)
		varies := act.by != nil || inner[a] != nil || r.choosers[a] != nil
		if constant && !varies && !r.faulty {
			f.took = r.devices[act.device].dispatch + act.stretched(int64(c))
		} else {
			if s.at == nil {
				s.at = make([]int32, len(r.actors))
			}
			s.at[a] = int32(len(s.varying))
			s.varying = append(s.varying, varying{by: inner[a]})
		}
		if at, told := index[w.Instance]; told {
			if f.role = s.roleOf(r, a, ends[a], s.flows[at].endpoint); f.role != 0 {
				f.flow = at
			}
			if f.role&(isSink|isEnd) != 0 {
				s.flows[at].ends++
			}
		}
		s.actors[a] = f
		if w.Source {
			s.addSource(r, a)
		}
	}
	s.addSendings(r)
	return s, nil
}

// roleOf returns the role of an actor of an instance. Unless somebody takes the frames, only their
// latency is wanted.
func (s *sums) roleOf(r *run, a int, end bool, endpoint int32) (all role) {
	w, whole := &r.plan.Work[a], s.give != nil
	for _, one := range []struct {
		is   bool
		role role
	}{
		{w.Source, isSource}, {w.Sink, isSink}, {whole && end && !r.faulty, isEnd}, {whole && r.choosers[a] != nil, isConfig},
		{whole && (r.actors[a].device == endpoint || r.faulty), onEndpoint},
	} {
		if one.is {
			all |= one.role
		}
	}
	return all
}

// addFlows makes a flow for every instance with a source, and returns their indices by name.
func (s *sums) addFlows(r *run) (index map[string]int32, err error) {
	index = map[string]int32{}
	for a := range r.plan.Work {
		w := &r.plan.Work[a]
		if _, known := index[w.Instance]; known || !w.Source {
			continue
		}
		index[w.Instance] = int32(len(s.flows))
		f := flow{name: w.Instance, endpoint: r.where[w.Device]}
		if s.give == nil {
			if f.latency, err = quantile.NewSketch(); err != nil {
				return nil, err
			}
		}
		if !r.captures {
			f.due = arrival.Of(r.plan.Schedule(w.Instance))
		}
		s.flows = append(s.flows, f)
	}
	return index, nil
}

// dynamic returns who sets the atr of actors in dynamic parts and at their borders, by actor.
func (r *run) dynamic() map[int]*chooser {
	by := map[int]*chooser{}
	for _, d := range graph.DPGs(r.graph) {
		for _, a := range d.Members() {
			by[a] = r.choosers[d.Config]
		}
	}
	return by
}

// addSendings says of which FIFOs over a link frames are told.
func (s *sums) addSendings(r *run) {
	lines := map[*channel]*line{}
	index := map[string]int32{}
	for i := range s.flows {
		index[s.flows[i].name] = int32(i)
	}
	for i := range r.fifos {
		b := &r.fifos[i]
		if b.name == "" {
			continue
		}
		if lines[b.channel] == nil {
			lines[b.channel] = &line{}
		}
		b.sums.line, b.sums.flow, b.sums.first = lines[b.channel], -1, b.frames.First(s.warmup)
		q := r.graph.FIFOs[i]
		if r.graph.Actors[q.From].Out[q.OutPort].Feedback {
			continue // it only lets the source go on
		}
		at, told := index[r.plan.Work[q.From].Instance]
		if s.give == nil || !told || b.from != s.flows[at].endpoint && !r.faulty {
			continue
		}
		b.sums.flow = at
		if q.Delay > 0 && !r.faulty { // no result waits for it
			b.sums.last = true
			s.flows[at].ends += int32(b.frames.Rate)
		}
	}
}

// fireQuietly does what fire does where nothing fails and no event is recorded.
func (r *run) fireQuietly(device int32, f *engine.Effect) {
	s := r.sums
	t := &s.actors[f.Actor]
	took, rate := t.took, 0
	if took < 0 {
		var kernel int64
		kernel, rate = r.draw(&r.actors[f.Actor], f)
		took = r.devices[device].dispatch + r.actors[f.Actor].stretched(kernel)
	}
	if t.took < 0 || t.flow >= 0 {
		s.fired(r, device, f.Actor, &firing{
			begun: r.now, start: r.now + r.devices[device].dispatch, end: r.now + took, frame: f.Firing, rate: rate,
			captured: f.At, number: int64(f.N),
		})
	} else {
		t.begun += r.now
		t.ended += r.now + took
		s.end = max(s.end, r.now+took)
	}
	r.push(pending{kind: engine.FiringDone, at: r.now + took, device: device, index: int32(f.Actor), rate: int32(rate)})
}

// firing is what is known of one.
type firing struct {
	begun, start, end int64 // begun: it took its unit
	frame             int64
	captured, number  int64  // of the frame that a source takes, if it captures them; number 0: it does not
	rate              int    // atr that a configuration actor sets
	event             uint32 // place in the trace, if it is recorded
	actor             *actor // that fires, of a plan with faults
}

// fired adds up a firing, of which nothing is void.
func (s *sums) fired(r *run, device int32, a int, f *firing) {
	t := &s.actors[a]
	t.begun += f.begun
	t.ended += f.end
	s.end = max(s.end, f.end)
	if t.took < 0 {
		s.varied(&s.varying[s.at[a]], f)
	}
	if t.flow >= 0 {
		s.passed(r, t, device, a, f)
	}
}

func (s *sums) varied(v *varying, f *firing) {
	v.fired++
	if f.frame >= s.warmup {
		v.counted.N++
		v.counted.Ns += f.end - f.start
	}
	if v.by != nil {
		atr := int64(v.by.of(f.frame))
		v.begun += atr * f.begun
		v.ended += atr * f.end
	}
}

// passed takes note of a firing that the frames of its instance are told of.
func (s *sums) passed(r *run, t *firings, device int32, a int, f *firing) {
	fl := &s.flows[t.flow]
	u := fl.at(f.frame)
	if u == nil {
		return // it has left, and is repeated
	}
	if t.role&isSource != 0 {
		begin := f.start
		switch {
		case f.number > 0:
			begin = f.captured
		case fl.due.Scheduled():
			begin = fl.due.At(f.frame)
		}
		s.takes(a, f, &fl.due)
		u.begin = min(u.begin, begin)
	}
	if t.role&onEndpoint != 0 && device == fl.endpoint {
		u.occupy(s.settled(r), f.start, f.end)
	}
	if t.role&isConfig != 0 {
		u.atr = max(u.atr, int32(f.rate))
	}
	if t.role&isSink != 0 {
		u.end = max(u.end, f.end)
	}
	if t.role&(isSink|isEnd) != 0 {
		s.leaves(r, t.flow, u)
	}
}

// settled returns the time before which no interval will begin any more.
func (s *sums) settled(r *run) int64 {
	if r.faulty || len(r.media) > 0 { // firings, or tokens on media, are added up when they end
		return math.MinInt64
	}
	return r.now
}

// sentOf takes note of a token of a FIFO that frames are told of.
func (s *sums) sentOf(r *run, b *carried, device int32, seq uint64, start, left int64) {
	fl := &s.flows[b.sums.flow]
	if device != fl.endpoint {
		return
	}
	u := fl.at(b.frames.OfToken(seq))
	if u == nil {
		return
	}
	u.bytes += b.bytes
	u.occupy(s.settled(r), start, left)
	if b.sums.last {
		s.leaves(r, b.sums.flow, u)
	}
}

// leaves takes note of what a frame has waited for. The last lets it leave.
func (s *sums) leaves(r *run, at int32, u *underway) {
	if u.left--; u.left > 0 {
		return
	}
	fl := &s.flows[at]
	number := u.number - 1
	fl.first = number + 1
	switch counts := number >= s.warmup; {
	case counts:
		fl.counted++
	case s.give == nil:
		return
	}
	if s.give == nil {
		fl.latency.Add(time.Duration(u.end - u.begin))
		return
	}
	s.frame = summary.Frame{
		Instance: int(at), Number: number, BeganNs: u.begin, EndedNs: u.end, EndpointNs: u.occupied(), Bytes: u.bytes,
		ATR: int(u.atr),
	}
	r.given = cmp.Or(r.given, s.give(&s.frame))
}
