package coordinator

import (
	"context"
	"fmt"

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
