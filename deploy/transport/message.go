package transport

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/edgeprune/edgeprune/deploy/delivery"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
)

const connectedEvery = 10 * time.Millisecond // to look whether there is a connection

// What tells the messages of this process that travel in parts from all others.
var (
	sender = random()
	number atomic.Uint64
)

func random() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // it never fails
	return binary.LittleEndian.Uint64(b[:])
}

// Limit returns the most bytes of a message that the server takes at present. An error
// wraps ErrPayload.
func Limit(nc *nats.Conn) (int64, error) {
	limit := nc.MaxPayload()
	if limit < wire.LeastPayload {
		return 0, fmt.Errorf("%w: it is %d bytes, and has to be at least %d; raise max_payload in the configuration of "+
			"the %s", ErrPayload, limit, wire.LeastPayload, Server(nc))
	}
	return limit, nil
}

// Publish sends a message of any size, for a delivery.Gatherer to receive: in parts if
// it is larger than the server takes. An error names the subject. Without a connection it
// fails: a server that comes back may take less than what would have waited for it.
func Publish(nc *nats.Conn, subject string, data []byte) error { return publish(nc, subject, "", data) }

func publish(nc *nats.Conn, subject, reply string, data []byte) error {
	limit, err := Limit(nc)
	if err == nil && nc.IsReconnecting() {
		err = nats.ErrReconnectBufExceeded
	}
	for err == nil {
		err = delivery.Messages(data, sender, number.Add(1), limit, func(msg []byte) error {
			return nc.PublishMsg(&nats.Msg{Subject: subject, Reply: reply, Data: msg})
		})
		if err == nil {
			return nil
		}
		limit, err = less(nc, limit, err)
	}
	return fmt.Errorf("publish %d bytes to %s: %w", len(data), subject, err)
}

// less returns the present limit if an error is due to its having become less, as it may
// with every reconnect; else the error.
func less(nc *nats.Conn, limit int64, err error) (int64, error) {
	now, small := Limit(nc)
	switch {
	case small != nil:
		return 0, small
	case errors.Is(err, nats.ErrMaxPayload) && now < limit:
		return now, nil
	}
	return 0, err
}

// Cut calls publish with the headers of the messages that carry the bytes of h, each of
// which the server takes, and returns its error; more is how many bytes each will be longer.
// Afterwards h is what was left.
func Cut(nc *nats.Conn, h *wire.Header, more int64, publish func(*wire.Header) error) error {
	limit, err := Limit(nc)
	for err == nil {
		rest := *h
		part := rest.Cut(limit - more)
		if err = publish(&part); err != nil {
			limit, err = less(nc, limit, err)
			continue
		}
		*h = rest
		if h.Length == 0 {
			return nil
		}
	}
	return err
}

// Request sends a request of any size, when there is a connection, and returns the answer,
// of any size. Without a deadline of ctx it waits for ever. Errors are those of nats.go,
// such as nats.ErrNoResponders, and of ctx.
func Request(ctx context.Context, nc *nats.Conn, subject string, data []byte) ([]byte, error) {
	inbox := nc.NewInbox()
	sub, err := nc.SubscribeSync(inbox)
	if err != nil {
		return nil, fmt.Errorf("subscribe %s: %w", inbox, err)
	}
	defer sub.Unsubscribe() //nolint:errcheck // it fails only on a closed connection
	for {
		err := publish(nc, subject, inbox, data)
		if err == nil {
			break
		}
		if err = Passing(nc, err); err != nil {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(connectedEvery):
		}
	}
	var answer delivery.Gatherer
	for {
		msg, err := sub.NextMsgWithContext(ctx)
		if err != nil {
			return nil, err
		}
		whole, ok, err := answer.Add(msg.Data)
		if err != nil || ok {
			return whole, err
		}
	}
}

// Passing makes nil of the error of a message that was lost because there is no
// connection just now, as messages are when a connection breaks: who needs it sends it
// again. Others stay: a closed connection, a message that the server never takes.
func Passing(nc *nats.Conn, err error) error {
	switch {
	case err == nil:
		return nil
	case nc.IsClosed():
		return fmt.Errorf("%w: %w", Closed(nc), err)
	case errors.Is(err, nats.ErrMaxPayload), errors.Is(err, nats.ErrBadSubject), errors.Is(err, ErrPayload),
		errors.Is(err, wire.ErrTooLarge), errors.Is(err, nats.ErrConnectionDraining):
		return err
	}
	return nil
}
