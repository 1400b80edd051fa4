package coordinator

import (
	"context"
	"fmt"

	"github.com/edgeprune/edgeprune/deploy/wire"
)

// Status asks an agent how it is, for at most as long as ctx. Errors wrap ErrNoAgent,
// ErrAgentLost, ErrAgent, or that of ctx.
func (d *Driver) Status(ctx context.Context, device string) (*wire.AgentStatus, error) {
	reply, err := d.ask(ctx, d.name(), device, wire.Status, nil)
	if err != nil {
		return nil, err
	}
	if reply.Status == nil {
		return nil, fmt.Errorf("%w: device %s answered without a status", ErrAgent, device)
	}
	return reply.Status, nil
}
