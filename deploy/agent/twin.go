package agent

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
)

const (
	// twinLimit is how long an agent of the same name may take to answer: one that doesn't is
	// a process that has ended without the server's having noticed.
	twinLimit = time.Second
	// meetEvery is after how many heartbeats an agent says who it is: another one of its name
	// may have been cut off, or stopped, when this one came.
	meetEvery = 20
)

// process says who the agent is to others of its name.
func (a *Agent) process(joining bool) wire.Process {
	return wire.Process{Incarnation: a.incarnation, Host: a.host, PID: os.Getpid(), Started: a.started, Joining: joining}
}

// alone returns ErrTwin if there is an agent of the same name. Then it listens for others:
// of two that come at the same time, the younger gives way.
func (a *Agent) alone(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, twinLimit)
	defer cancel()
	subject := wire.MeetSubject(a.cfg.Device)
	ask, err := json.Marshal(a.process(true))
	if err != nil {
		return err
	}
	var other wire.Process
	// Nobody answers, or somebody who is no agent.
	if msg, err := a.nc.RequestWithContext(ctx, subject, ask); err == nil && json.Unmarshal(msg.Data, &other) == nil {
		return a.twinError(&other)
	}
	if _, err := a.nc.Subscribe(subject, a.met); err != nil {
		return fmt.Errorf("subscribe %s: %w", subject, err)
	}
	return nil
}

func (a *Agent) twinError(other *wire.Process) error {
	return fmt.Errorf("%w: device %s has the agent that is %v; stop that one, or give this one another --name", ErrTwin,
		a.cfg.Device, *other)
}

// meet says who the agent is to others of its name.
func (a *Agent) meet(nc *nats.Conn) {
	if b, err := json.Marshal(a.process(false)); err == nil {
		_ = nc.Publish(wire.MeetSubject(a.cfg.Device), b) // it is said again
	}
}

// met takes what an agent of the same name says, this one too.
func (a *Agent) met(msg *nats.Msg) {
	var other wire.Process
	if json.Unmarshal(msg.Data, &other) != nil || other.Incarnation == "" {
		a.rejected.Add("meeting"+wire.Malformed, 1)
		return
	}
	if other.Incarnation == a.incarnation {
		return
	}
	own := a.process(false)
	switch {
	case other.Joining:
		if !a.answersTo("probe", msg.Subject, msg.Reply) {
			return
		}
		if b, err := json.Marshal(own); err == nil {
			_ = msg.Respond(b) // who gets no answer finds out later
		}
		a.log.Warn("another agent of this name was refused", "other", other.String())
	case own.Before(&other):
		a.meet(a.nc)
	default:
		a.twin.Store(&other)
		a.close()
	}
}
