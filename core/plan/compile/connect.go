package compile

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
)

// fifo joins what FIFO j of the application joins.
func (b *builder) fifo(j int) error {
	q := b.file.Application.FIFOs[j]
	path := fmt.Sprintf("$.application.fifos[%d]", j)
	from, to := b.joints.from[j], b.joints.to[j]
	maker, ok := b.makers[from]
	if !ok {
		return b.file.Errorf(path+".from", "%w: no node of the model computes %s; remove the FIFO or the output",
			planfile.ErrActor, q.From)
	}
	takers := b.takers[to]
	if len(takers) == 0 {
		return b.file.Errorf(path+".to", "%w: no node of the model uses %s; remove the FIFO or the input",
			planfile.ErrActor, q.To)
	}
	makers := slices.Repeat([]end{maker}, len(takers)) // a model's actor gets a port for each: see outPort
	if len(takers) > 1 && b.plan.Work[maker.actor].Model == "" {
		var err error
		if makers, err = b.copies(maker, len(takers), path); err != nil {
			return err
		}
	}
	for i, taker := range takers {
		if err := b.connect(makers[i], taker, q, path); err != nil {
			return err
		}
	}
	return nil
}

// copies adds an actor beside the maker of tokens that copies them to n ports, which
// it returns: a FIFO joins one port to one port.
func (b *builder) copies(maker end, n int, path string) ([]end, error) {
	out, err := b.outPort(maker, path)
	if err != nil {
		return nil, err
	}
	port := b.plan.Graph.Actors[maker.actor].Out[out]
	to := slices.Repeat([]graph.TokenType{port.Type}, n)
	i := b.between(maker.actor, out, plan.KernelCopy, nil, port.Type, to, b.placeOf(maker.actor), path)
	b.join(maker.actor, out, i, 0, planfile.FIFOSpec{}, path)
	var ends []end
	for _, p := range b.plan.Graph.Actors[i].Out {
		ends = append(ends, end{i, p.Name})
	}
	return ends, nil
}

// connect joins two ports of the plan's graph, through a codec if they lie on
// different devices, and the instance's codec applies to the token's type and does
// not make more bytes of it.
func (b *builder) connect(from, to end, q planfile.FIFOSpec, path string) error {
	out, err := b.outPort(from, path)
	if err != nil {
		return err
	}
	g := b.plan.Graph
	in := b.ins[to]
	port := g.Actors[from.actor].Out[out]
	if q.Delay > 0 && port.Type.Of != nil {
		return b.file.Errorf(path, "%w: the delay tokens of a FIFO are zeros, which are no tensor with its shape as "+
			"%s is; remove the delay", planfile.ErrActor, port.Type)
	}
	src, dst := b.placeOf(from.actor), b.placeOf(to.actor)
	if src.device == dst.device || port.Control || !Codes(b.inst.Codec, port.Type) {
		b.join(from.actor, out, to.actor, in, q, path)
		return nil
	}
	enc, dec, err := b.coders(from.actor, out, src, dst, path)
	if err != nil {
		return err
	}
	b.join(from.actor, out, enc, 0, planfile.FIFOSpec{}, path)
	b.join(enc, 0, dec, 0, planfile.FIFOSpec{Capacity: q.Capacity}, path)
	// Delay tokens are zeros, which a decoder may not take: they lie behind it.
	b.join(dec, 0, to.actor, in, planfile.FIFOSpec{Delay: q.Delay}, path)
	return nil
}

func (b *builder) placeOf(actor int) place {
	return place{b.plan.Work[actor].Device, b.plan.Work[actor].Unit}
}

func (b *builder) join(from, out, to, in int, q planfile.FIFOSpec, path string) {
	capacity, least := q.Capacity, q.Delay+b.plan.Graph.Actors[from].Out[out].URL
	if capacity == 0 {
		capacity = max(b.capacity(from, to), least)
	}
	if q.Delay > 0 && b.placeOf(from).device != b.placeOf(to).device {
		// The receiver's half holds the delay tokens, so only this lets the sender send.
		capacity = max(capacity, least)
	}
	b.plan.Graph.FIFOs = append(b.plan.Graph.FIFOs,
		graph.FIFO{From: from, OutPort: out, To: to, InPort: in, Delay: q.Delay, Capacity: capacity, Pos: b.file.Pos(path)})
}

// capacity returns that of a FIFO that gives none.
func (b *builder) capacity(from, to int) int {
	return cmp.Or(b.file.FIFOCapacity, b.roomBetween(from, to))
}

// roomBetween returns the default capacity of a FIFO. Actors that share the one
// lane of a unit can't overlap: more room than one firing's would only let
// several frames pile up between them.
func (b *builder) roomBetween(from, to int) int {
	p := b.placeOf(from)
	if p == b.placeOf(to) && b.plan.Platform.Devices[p.device].Units[p.unit].Lanes == 1 {
		return 1
	}
	return graph.DefaultCapacity
}

// feedback joins the sink back to the source of single streams and multiple streams: a FIFO
// with the delay tokens of a query lets the next one in when the last has left. first is the
// index of the instance's first actor.
func (b *builder) feedback(first int) {
	query := b.plan.Workload.Query()
	if query == 0 {
		return
	}
	source, sink := -1, -1
	for i := first; i < len(b.plan.Work); i++ {
		if b.plan.Work[i].Source {
			source = i
		}
		if b.plan.Work[i].Sink {
			sink = i
		}
	}
	capacity := query
	if b.placeOf(source).device != b.placeOf(sink).device {
		capacity += query // the receiver's half holds the delay tokens
	}
	b.plan.Graph.AddFeedback(sink, source, query, capacity)
}

// route finds the link of every FIFO that crosses between devices.
func (b *builder) route() error {
	p := b.plan
	links := map[[2]string]int{}
	for i := range p.Platform.Links { // there is one between two devices
		e := p.Platform.Links[i].Between
		links[[2]string{e[0], e[1]}], links[[2]string{e[1], e[0]}] = i, i
	}
	for f, q := range p.Graph.FIFOs {
		from, to := p.DeviceOf(q.From).Name, p.DeviceOf(q.To).Name
		link := -1
		if from != to {
			var ok bool
			if link, ok = links[[2]string{from, to}]; !ok {
				return b.file.Errorf("$.platform.links", "%w: FIFO %s crosses from %s to %s, and no link joins them; add "+
					"one under links or map both ends to one device", planfile.ErrMapping, p.Graph.FIFOName(f), from, to)
			}
		}
		p.Routes = append(p.Routes, link)
	}
	return nil
}
