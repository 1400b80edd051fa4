package coordinator

import (
	"context"
	"fmt"
	"time"

	"github.com/edgeprune/edgeprune/core/device"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nuid"
)

// Status asks an agent how it is, for at most as long as ctx. Errors wrap ErrNoAgent,
// ErrAgentLost, ErrAgent, or that of ctx.
func (d *Driver) Status(ctx context.Context, device string) (*wire.AgentStatus, error) {
	return d.status(ctx, device, wire.StatusRequest{})
}

// Detail is Status with the status's Detail, which an agent of an earlier version does not have.
func (d *Driver) Detail(ctx context.Context, device string) (*wire.AgentStatus, error) {
	return d.status(ctx, device, wire.StatusRequest{Detail: true})
}

func (d *Driver) status(ctx context.Context, device string, req wire.StatusRequest) (*wire.AgentStatus, error) {
	reply, err := d.ask(ctx, d.name(), device, wire.Status, req)
	if err != nil {
		return nil, err
	}
	if reply.Status == nil {
		return nil, fmt.Errorf("%w: device %s answered without a status", ErrAgent, device)
	}
	return reply.Status, nil
}

// Fingerprint asks an agent what its device is, how it is set and what runs on it. Errors are
// those of Status; an agent that can't tell is an ErrAgent.
func (d *Driver) Fingerprint(ctx context.Context, name string) (*device.Fingerprint, error) {
	s, err := d.status(ctx, name, wire.StatusRequest{Fingerprint: true})
	if err == nil && s.Fingerprint == nil {
		return nil, untold(name, s, "what it is")
	}
	if err != nil {
		return nil, err
	}
	return s.Fingerprint, nil
}

// Reference asks an agent for the median time of the reference computation on its device now:
// see package reference. No run may be loaded there. Errors are those of Fingerprint.
func (d *Driver) Reference(ctx context.Context, device string) (time.Duration, error) {
	s, err := d.status(ctx, device, wire.StatusRequest{Reference: true})
	if err == nil && s.ReferenceNs <= 0 {
		err = untold(device, s, "how fast it is")
	}
	if err != nil {
		return 0, err
	}
	return time.Duration(s.ReferenceNs), nil
}

func untold(device string, s *wire.AgentStatus, what string) error {
	return fmt.Errorf("%w: device %s does not tell %s; its agent is of version %s: start one of this program's version "+
		"there", ErrAgent, device, what, s.Version)
}

// End ends the run that a device is held for, if it is this run or run is "", and frees the
// device; its owner is told who has done that. It returns what the device was held for, nil
// if there is nothing to end. Errors are those of Status.
func (d *Driver) End(ctx context.Context, device, run string) (*wire.Held, error) {
	s, err := d.Status(ctx, device)
	if err != nil || s.Held == nil || run != "" && s.Held.Run != run {
		return nil, err
	}
	name := d.name()
	claim := wire.ClaimRequest{Build: d.build(), RunRequest: wire.RunRequest{Run: nuid.Next()}, Owner: d.owner(name),
		Take: true}
	if _, err := d.ask(ctx, name, device, wire.Claim, claim); err != nil {
		return nil, err
	}
	claim.Take, claim.Release = false, true
	_, err = d.ask(ctx, name, device, wire.Claim, claim)
	return s.Held, err
}
