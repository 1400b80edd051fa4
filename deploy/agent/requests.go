package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/deploy/delivery"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/models"
	"github.com/edgeprune/edgeprune/deploy/node"
	"github.com/edgeprune/edgeprune/deploy/transport"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go/micro"
)

// register makes the agent a service of the micro API with an endpoint per verb.
func (a *Agent) register() error {
	if _, err := transport.Limit(a.nc); err != nil {
		return err
	}
	svc, err := micro.AddService(a.nc, micro.Config{
		Name: wire.Service, Version: serviceVersion(a.cfg.Version),
		Description: "device " + a.cfg.Device + " of an Edge-PRUNE testbed",
		Metadata:    a.metadata(), StatsHandler: a.microStats,
	})
	if err != nil {
		return err
	}
	a.svc = svc
	probes, err := a.nc.Subscribe(wire.ProbeSubject(wire.Any, a.cfg.Device), a.answerProbe)
	if err == nil {
		err = waitingNews.set(probes)
	}
	if err != nil {
		return err
	}
	if err := a.renewals(); err != nil {
		return err
	}
	handlers := map[wire.Verb]handler{
		wire.Claim: a.claim, wire.Load: a.load, wire.Start: a.start, wire.Stop: a.stop,
		wire.Drain: a.drain, wire.Finish: a.finish, wire.Status: a.tell,
	}
	for _, v := range wire.Verbs {
		subject := micro.WithEndpointSubject(wire.OrderSubject(wire.Any, a.cfg.Device, v))
		most := mostRequest(v)
		err := svc.AddEndpoint(string(v), a.answering(v, handlers[v]), subject,
			micro.WithEndpointPendingLimits(spare, int(2*most)))
		if err != nil {
			return err
		}
	}
	err = a.nc.Flush()
	if last := a.nc.LastError(); err == nil && transport.Denied(last) {
		err = last
	}
	return err
}

// handler carries out a request of a coordinator.
type handler func(coordinator string, data []byte) (*wire.Reply, error)

// answering returns what takes the requests of a verb, which may come in parts, and
// answers them.
func (a *Agent) answering(v wire.Verb, handle handler) micro.HandlerFunc {
	parts := requestParts{most: mostRequest(v)}
	return func(req micro.Request) {
		if !a.answersTo(string(v), req.Subject(), req.Reply()) {
			return
		}
		data, ok, err := parts.add(req.Reply(), req.Data())
		if err == nil && !ok {
			return
		}
		reply := &wire.Reply{}
		if err == nil {
			reply, err = a.carryOut(v, handle, wire.Sender(req.Subject()), data)
		}
		if err != nil {
			if malformed(err) {
				a.rejected.Add(string(v)+wire.Malformed, 1)
			}
			reply = &wire.Reply{Error: err.Error(),
				NotLoaded: errors.Is(err, ErrNotLoaded) || errors.Is(err, node.ErrRecovering),
				Plan:      kernel.Misused(err) || errors.Is(err, ErrLimit)}
			var held *heldError
			if errors.As(err, &held) {
				reply.Held = &held.held
			}
			var lacks *models.LackingError
			if errors.As(err, &lacks) {
				reply.Lacking = lacks.Parts
			}
		}
		reply.Incarnation, reply.Build = a.incarnation, a.build()
		if reply.Error != "" && !reply.NotLoaded {
			a.log.Warn("refused", "order", string(v), "coordinator", wire.Sender(req.Subject()), "error", reply.Error)
		}
		if err := a.answer(req, v, reply); err != nil {
			a.fault(err)
		}
	}
}

// answersTo reports whether the answer to a message may go where it says, and counts it if not.
func (a *Agent) answersTo(kind, subject, reply string) bool {
	ok := wire.AnswerTo(reply, wire.Sender(subject))
	if !ok {
		a.rejected.Add(kind+wire.Diverting, 1)
	}
	return ok
}

// errorRoom is that of the headers by which the micro service API tells of an error.
const errorRoom = 512

// answer answers a request. Errors are counted by the micro service API, if they fit a
// message with its headers.
func (a *Agent) answer(req micro.Request, v wire.Verb, reply *wire.Reply) error {
	answer, err := json.Marshal(reply)
	switch {
	case err != nil || req.Reply() == "":
		return err
	case reply.Error != "" && int64(len(answer)+errorRoom) < a.nc.MaxPayload():
		err = req.Error("500", string(v)+" failed", answer)
	default:
		err = transport.Publish(a.nc, req.Reply(), answer)
	}
	return transport.Passing(a.nc, err) // who misses it asks again
}

// serviceVersion returns the version of the program as one of the micro service API, which
// is a semantic one: that of the service, with the program's behind it.
func serviceVersion(program string) string {
	const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-"
	words := strings.FieldsFunc(program, func(r rune) bool { return !strings.ContainsRune(letters, r) })
	if len(words) == 0 {
		return wire.Version
	}
	return wire.Version + "+" + strings.Join(words, ".")
}

// carryOut has a request handled. A panic of the handler is the request's error, and the agent
// lives on.
func (a *Agent) carryOut(v wire.Verb, handle handler, coordinator string, data []byte) (reply *wire.Reply, err error) {
	if v != wire.Claim && v != wire.Status { // which may come at any time
		a.mu.Lock()
		defer a.mu.Unlock()
	}
	defer func() {
		if p := recover(); p != nil {
			a.rejected.Add(string(v)+wire.Panicked, 1)
			reply, err = nil, fmt.Errorf("device %s: %w on %q: %v\n%s", a.cfg.Device, ErrPanic, v, p, debug.Stack())
		}
	}()
	return handle(coordinator, data)
}

// build says what the agent speaks.
func (a *Agent) build() wire.Build { return wire.Build{Wire: wire.Format, Program: a.cfg.Version} }

// decode reads a request of a coordinator, and what it says of its build, which must fit.
func (a *Agent) decode(coordinator string, data []byte, req any, build *wire.Build) error {
	err := json.Unmarshal(data, req)
	if err == nil || build.Wire != 0 { // what another version sends may not fit its place here
		if other := build.Check("coordinator "+coordinator, a.build()); other != nil {
			return fmt.Errorf("device %s: %w", a.cfg.Device, other)
		}
	}
	return err
}

// malformed reports whether a request was refused because it is none.
func malformed(err error) bool {
	var syntax *json.SyntaxError
	var mistyped *json.UnmarshalTypeError
	return errors.As(err, &syntax) || errors.As(err, &mistyped) || errors.Is(err, wire.ErrMessage)
}

// refused counts a message of a peer that the engine has refused.
func (a *Agent) refused(err error) {
	kind := "data"
	switch {
	case errors.Is(err, engine.ErrAck):
		kind = "ack"
	case errors.Is(err, engine.ErrHello):
		kind = "hello"
	}
	a.rejected.Add(kind+wire.Refused, 1)
}

// mostRequest returns how many bytes a request of a verb may have: a load holds a plan.
func mostRequest(v wire.Verb) int64 {
	if v == wire.Load {
		return 64 << 20
	}
	return 1 << 20
}

// requestParts gathers the requests that are arriving, by where their answers go. The
// zero value has none.
type requestParts struct {
	most     int64 // bytes of a request
	arriving map[string]*delivery.Gatherer
	order    []string
}

// mostArriving is how many requests of a verb may be arriving in parts. Before more, the
// first one is forgotten: its sender has given up.
const mostArriving = 4

// add takes a message and returns the request that it completes.
func (p *requestParts) add(inbox string, msg []byte) (whole []byte, ok bool, err error) {
	if !wire.IsPart(msg) {
		return msg, true, nil
	}
	g := p.arriving[inbox]
	if g == nil {
		if len(p.order) == mostArriving {
			delete(p.arriving, p.order[0])
			p.order = p.order[1:]
		}
		if p.arriving == nil {
			p.arriving = map[string]*delivery.Gatherer{}
		}
		g = &delivery.Gatherer{Most: uint64(p.most)}
		p.arriving[inbox], p.order = g, append(p.order, inbox)
	}
	whole, ok, err = g.Add(msg)
	if ok || err != nil {
		delete(p.arriving, inbox)
		p.order = slices.DeleteFunc(p.order, func(s string) bool { return s == inbox })
	}
	return whole, ok, err
}
