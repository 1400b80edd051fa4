package metrics

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/arrival"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/core/trace/clocks"
)

// instance is the part of a plan that belongs to one instance of the
// application.
type instance struct {
	plan       *plan.Plan
	name       string
	line       *trace.Line
	due        arrival.Times // when frames are due; of no schedule: they begin with the source's firing
	endpoint   string        // name of the source's device
	exit       string        // name of the first sink's device
	sinks      int
	returns    map[int]int // FIFOs that a sink sends tokens back by, to that sink
	actors     []int       // in the graph's order
	boundaries []int       // FIFOs between devices, without that which only lets the source go on
	actorAt    map[int]int
	boundaryAt map[int]int
	dynamic    []dynamicPart
	senders    []*trace.Sender // by boundaries: those of one device over one link share one
	on         []int           // instances that have actors on a device, by its index
}

// dynamicPart is what a configuration actor can skip, by index in an instance's
// actors and boundaries.
type dynamicPart struct {
	config     int
	actors     []int
	boundaries []int
}

func newInstance(p *plan.Plan, name string) (*instance, error) {
	all, err := instancesOf(p, func(other string) bool { return other == name })
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, noInstance(p, name)
	}
	return all[0], nil
}

// newInstances returns all instances, in the order of their first sources.
func newInstances(p *plan.Plan) ([]*instance, error) {
	all, err := instancesOf(p, func(string) bool { return true })
	if err != nil {
		return nil, err
	}
	if names := Instances(p); len(names) != len(all) { // each has a source
		for _, name := range names {
			if !slices.ContainsFunc(all, func(in *instance) bool { return in.name == name }) {
				return nil, noInstance(p, name)
			}
		}
	}
	return all, nil
}

func noInstance(p *plan.Plan, name string) error {
	return fmt.Errorf("plan %s: %w with a source and a sink: %q; it has %q", p.Name, ErrInstance, name, Instances(p))
}

// instancesOf returns the instances of some names, in the order of their first sources.
func instancesOf(p *plan.Plan, wanted func(name string) bool) ([]*instance, error) {
	var all []*instance
	of := map[string]*instance{}
	for a := range p.Work {
		if w := &p.Work[a]; w.Source && of[w.Instance] == nil && wanted(w.Instance) {
			in := &instance{
				plan: p, name: w.Instance, line: &trace.Line{}, due: arrival.Of(p.Schedule(w.Instance)),
				actorAt: map[int]int{}, boundaryAt: map[int]int{}, returns: map[int]int{},
			}
			of[w.Instance], all = in, append(all, in)
		}
	}
	on := instancesOn(p)
	for a := range p.Work {
		if in := of[p.Work[a].Instance]; in != nil {
			in.on = on
			if err := in.addActor(a); err != nil {
				return nil, err
			}
		}
	}
	for _, in := range all {
		if in.sinks == 0 {
			return nil, noInstance(p, in.name)
		}
	}
	senders := senders{}
	for q, f := range p.Graph.FIFOs {
		in := of[p.Work[f.From].Instance]
		if in == nil {
			continue
		}
		returns := p.Graph.Actors[f.From].Out[f.OutPort].Feedback
		if !returns && p.Work[f.From].Device != p.Work[f.To].Device {
			in.boundaryAt[q] = len(in.boundaries)
			in.boundaries = append(in.boundaries, q)
			in.senders = append(in.senders, senders.of(in, q))
		}
		if p.Work[f.From].Sink {
			in.returns[q] = f.From
		}
	}
	for _, d := range graph.DPGs(p.Graph) {
		if d.Config < 0 {
			continue
		}
		if in := of[p.Work[d.Config].Instance]; in != nil {
			in.addDynamic(&d)
		}
	}
	return all, nil
}

// senders are those of instances, by device and link.
type senders map[sender]*trace.Sender

type sender struct {
	of           *instance
	device, link int
}

// of returns that of a boundary.
func (s senders) of(in *instance, q int) *trace.Sender {
	at := sender{of: in, device: in.plan.Work[in.plan.Graph.FIFOs[q].From].Device, link: -1}
	if q < len(in.plan.Routes) {
		at.link = in.plan.Routes[q]
	}
	if s[at] == nil {
		s[at] = &trace.Sender{}
	}
	return s[at]
}

// instancesOn returns how many instances have actors on each device, by index.
func instancesOn(p *plan.Plan) []int {
	type placed struct {
		device   int
		instance string
	}
	seen := map[placed]bool{}
	on := make([]int, len(p.Platform.Devices))
	for a := range p.Work {
		at := placed{p.Work[a].Device, p.Work[a].Instance}
		if !seen[at] {
			seen[at] = true
			on[at.device]++
		}
	}
	return on
}

// addActor adds an actor of the instance.
func (in *instance) addActor(a int) error {
	w, d := &in.plan.Work[a], in.plan.DeviceOf(a).Name
	in.actorAt[a] = len(in.actors)
	in.actors = append(in.actors, a)
	if w.Sink {
		in.sinks++
		if in.exit == "" {
			in.exit = d
		}
	}
	if !w.Source {
		return nil
	}
	if in.endpoint != "" && in.endpoint != d {
		return fmt.Errorf("plan %s, instance %q: %w with one endpoint: it has sources on %s and %s", in.plan.Name, in.name,
			ErrInstance, in.endpoint, d)
	}
	in.endpoint = d
	return nil
}

// addDynamic adds a dynamic part.
func (in *instance) addDynamic(d *graph.DPG) {
	part := dynamicPart{config: in.actorAt[d.Config]}
	for _, a := range d.Inner {
		part.actors = append(part.actors, in.actorAt[a])
	}
	for _, q := range d.FIFOs {
		if i, crosses := in.boundaryAt[q]; crosses {
			part.boundaries = append(part.boundaries, i)
		}
	}
	in.dynamic = append(in.dynamic, part)
}

// span is an interval of a trace, in ns; set tells it from no interval.
type span struct {
	start, end int64
	set        bool
}

// length is exact, as it lies on one clock.
func (s span) length() clocks.Interval {
	return clocks.Interval{Low: s.end - s.start, High: s.end - s.start}
}

// frame is what a trace says of one frame of one instance.
type frame struct {
	number   int64
	entered  int64         // the source's firing began
	captured span          // from when its source captured it to when it entered; not set: none captures frames
	ended    []moment      // by sink: its firing ended
	back     map[int]int64 // by sink: when its result was known on the source's clock, where that is not the sink's
	bytes    int64         // that the endpoint sent
	firings  []span        // by instance.actors
	sends    []span        // by instance.boundaries
	received []span        // by instance.boundaries
	busy     []span        // of the endpoint
	atrs     []int         // by instance.actors: of a configuration actor, what it set
}

// newFrame returns a frame of which nothing is known.
func (in *instance) newFrame(n int64) *frame {
	return &frame{
		number: n, entered: -1, firings: make([]span, len(in.actors)), sends: make([]span, len(in.boundaries)),
		received: make([]span, len(in.boundaries)), atrs: make([]int, len(in.actors)),
	}
}

// clear makes f what newFrame returns, in its own memory.
func (f *frame) clear(n int64) {
	clear(f.firings)
	clear(f.sends)
	clear(f.received)
	clear(f.atrs)
	*f = frame{
		number: n, entered: -1, firings: f.firings, sends: f.sends, received: f.received, atrs: f.atrs, busy: f.busy[:0],
		ended: f.ended[:0],
	}
}

// collect returns the frames of the instance in t, by number, whole or not. line is that of
// the run.
func (in *instance) collect(t *trace.Trace, line *trace.Line) ([]*frame, error) {
	in.line = line
	frames := map[int64]*frame{}
	at := func(n int64) *frame {
		f := frames[n]
		if f == nil {
			f = in.newFrame(n)
			frames[n] = f
		}
		return f
	}
	for i := range t.Events {
		if err := in.add(at, &t.Events[i]); err != nil {
			return nil, err
		}
	}
	list := make([]*frame, 0, len(frames))
	for _, f := range frames {
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b *frame) int { return cmp.Compare(a.number, b.number) })
	return list, nil
}

func (in *instance) add(at func(int64) *frame, e *trace.Event) error {
	switch e.Kind {
	case trace.Firing:
		i, mine := in.actorAt[e.Actor]
		if !mine {
			return nil
		}
		f, w := at(e.Frame), &in.plan.Work[e.Actor]
		if w.Source && (f.entered < 0 || e.Start < f.entered) {
			f.entered = e.Start
		}
		if w.Sink {
			f.ended = append(f.ended, moment{e.Device, e.End})
			in.heard(at, e.Actor, e)
		}
		if e.Device == in.endpoint {
			f.busy = append(f.busy, span{e.Start, e.End, true})
		}
		f.atrs[i] = e.Rate
		return in.put(f, &f.firings[i], e.Start, e)
	case trace.Capture:
		if _, mine := in.actorAt[e.Actor]; mine {
			if f := at(e.Frame); !f.captured.set || e.Start < f.captured.start {
				f.captured = span{e.Start, e.End, true}
			}
		}
	case trace.Send, trace.Recv:
		if sink, returns := in.returns[e.FIFO]; returns && e.Kind == trace.Recv {
			in.heard(at, sink, e)
		}
		i, mine := in.boundaryAt[e.FIFO]
		if !mine {
			return nil
		}
		f := at(e.Frame)
		if e.Kind == trace.Recv {
			return in.put(f, &f.received[i], e.Start, e)
		}
		began := in.senders[i].Began(e)
		if e.Device == in.endpoint {
			f.bytes += e.Bytes
			f.busy = append(f.busy, span{began, e.End, true})
		}
		return in.put(f, &f.sends[i], began, e)
	}
	return nil
}

// heard notes that an event on the source's clock tells of a sink's result.
func (in *instance) heard(at func(int64) *frame, sink int, e *trace.Event) {
	if !in.line.Several() || !in.line.Same(e.Device, in.endpoint) {
		return
	}
	f := at(e.Frame)
	if f.back == nil {
		f.back = map[int]int64{}
	}
	f.back[sink] = max(f.back[sink], e.End)
}

// put fills in when what an event tells of began, and when it ended.
func (in *instance) put(f *frame, s *span, began int64, e *trace.Event) error {
	if s.set {
		return in.errorf(f.number, ErrDoubled, string(e.Kind)+" of "+e.Name)
	}
	*s = span{began, e.End, true}
	return nil
}

// lacks names the first event that the frame is missing, or "". What a
// configuration actor skipped is not missing.
func (in *instance) lacks(f *frame) string {
	kind, i := in.missing(f)
	switch kind {
	case trace.Firing:
		return "firing of " + in.plan.Graph.Actors[in.actors[i]].Name
	case trace.Capture:
		return string(kind)
	case trace.Send, trace.Recv:
		return string(kind) + " of " + in.plan.Graph.FIFOName(in.boundaries[i])
	}
	return ""
}

// missing returns the kind of the first event that the frame is missing, with its index in
// the instance's actors or boundaries; "" if it is whole.
func (in *instance) missing(f *frame) (kind trace.Kind, index int) {
	skipped := in.skipped(f)
	if in.plan.Workload.Drops() && !f.captured.set {
		return trace.Capture, 0
	}
	for i := range in.actors {
		if !f.firings[i].set && !skipped.actors[i] {
			return trace.Firing, i
		}
	}
	for i := range in.boundaries {
		switch {
		case skipped.boundaries[i]:
		case !f.sends[i].set:
			return trace.Send, i
		case !f.received[i].set:
			return trace.Recv, i
		}
	}
	return "", 0
}

// whole reports whether the frame misses no event.
func (in *instance) whole(f *frame) bool {
	kind, _ := in.missing(f)
	return kind == ""
}

// skips are the actors and boundaries that an atr of 0 leaves out of a frame.
type skips struct{ actors, boundaries map[int]bool }

func (in *instance) skipped(f *frame) skips {
	if len(in.dynamic) == 0 {
		return skips{}
	}
	s := skips{map[int]bool{}, map[int]bool{}}
	for _, d := range in.dynamic {
		if !f.firings[d.config].set || f.atrs[d.config] > 0 {
			continue
		}
		for _, i := range d.actors {
			s.actors[i] = true
		}
		for _, i := range d.boundaries {
			s.boundaries[i] = true
		}
	}
	return s
}

// unasked names the first event of the frame that an atr of 0 rules out, or "".
func (in *instance) unasked(f *frame) string {
	skipped := in.skipped(f)
	for i, a := range in.actors {
		if f.firings[i].set && skipped.actors[i] {
			return "firing of " + in.plan.Graph.Actors[a].Name
		}
	}
	for i, q := range in.boundaries {
		if (f.sends[i].set || f.received[i].set) && skipped.boundaries[i] {
			return "token of " + in.plan.Graph.FIFOName(q)
		}
	}
	return ""
}

// atr returns that of the frame: the largest of its configuration actors'.
func (in *instance) atr(f *frame) int {
	atr := 0
	for _, d := range in.dynamic {
		atr = max(atr, f.atrs[d.config])
	}
	return atr
}

func (in *instance) errorf(frame int64, err error, what string) error {
	return fmt.Errorf("plan %s, instance %q, frame %d: %w: %s", in.plan.Name, in.name, frame, err, what)
}

// endpointTime returns how long the endpoint was occupied with the frame, in ns:
// overlapping intervals count once.
func (f *frame) endpointTime() int64 {
	busy := f.busy
	slices.SortFunc(busy, func(a, b span) int { return cmp.Compare(a.start, b.start) })
	var total, until int64
	for i, s := range busy {
		if i == 0 || s.start > until {
			until = s.start
		}
		if s.end > until {
			total += s.end - until
			until = s.end
		}
	}
	return total
}
