package coordinator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"
)

// Discover returns the devices whose agents answer within wait.
func Discover(ctx context.Context, nc *nats.Conn, wait time.Duration) (map[string]bool, error) {
	subject, err := micro.ControlSubject(micro.PingVerb, wire.Service, "")
	if err != nil {
		return nil, err
	}
	inbox := nc.NewInbox()
	sub, err := nc.SubscribeSync(inbox)
	if err == nil {
		defer sub.Unsubscribe() //nolint:errcheck // it fails only on a closed connection
		err = nc.PublishRequest(subject, inbox, nil)
	}
	if err != nil {
		return nil, fmt.Errorf("deploy: look for agents: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	present := make(map[string]bool)
	for {
		msg, err := sub.NextMsgWithContext(ctx)
		switch {
		case ctx.Err() != nil, errors.Is(err, nats.ErrNoResponders):
			return present, nil // the time is over, or nobody is there
		case err != nil:
			return nil, fmt.Errorf("deploy: look for agents: %w", err)
		}
		var ping micro.Ping
		if json.Unmarshal(msg.Data, &ping) != nil {
			continue
		}
		if device := ping.Metadata[wire.Device]; wire.CheckName("device", device) == nil {
			present[device] = true
		}
	}
}
