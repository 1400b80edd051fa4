package transport

import (
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Errors of the JetStream API that another try doesn't mend: see errors.json of nats-server.
const (
	insufficientResources jetstream.ErrorCode = 10023
	memoryExceeded        jetstream.ErrorCode = 10028
	storageExceeded       jetstream.ErrorCode = 10047
	storeFailed           jetstream.ErrorCode = 10077
)

// Refused reports whether an error of an object store is there to stay: the server has
// answered that it can't or won't. Others, such as no answer, may pass when a connection
// or a server comes back.
func Refused(nc *nats.Conn, err error) bool {
	if nc.IsClosed() || errors.Is(err, nats.ErrPermissionViolation) || errors.Is(err, ErrPayload) ||
		errors.Is(err, jetstream.ErrDigestMismatch) || errors.Is(err, jetstream.ErrObjectNotFound) ||
		errors.Is(err, jetstream.ErrBucketNotFound) || noStore(nc, err) {
		return true
	}
	e := answered(err)
	return e != nil && (full(e) || e.Code >= 400 && e.Code < 500)
}

// StoreError adds to an error of an object store how to mend it, where that is known.
func StoreError(nc *nats.Conn, err error) error {
	switch e := answered(err); {
	case noStore(nc, err):
		return fmt.Errorf("%w; enable JetStream in the configuration of the %s, as sub-models travel through its object "+
			"store", err, Server(nc))
	case e != nil && full(e):
		return fmt.Errorf("%w; the JetStream store of the %s is full: free room there or raise its limit", err, Server(nc))
	}
	return err
}

// answered returns what the JetStream API has answered, nil if nothing.
func answered(err error) *jetstream.APIError {
	var e jetstream.JetStreamError
	if !errors.As(err, &e) {
		return nil
	}
	return e.APIError()
}

// noStore reports whether the reason of an error is that the server has no JetStream.
// While a server starts that has, nobody answers either.
func noStore(nc *nats.Conn, err error) bool {
	if errors.Is(err, nats.ErrNoResponders) && nc.IsConnected() {
		has, _ := nc.ConnectedServerJetStream()
		return !has
	}
	return errors.Is(err, jetstream.ErrJetStreamNotEnabled) || errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount)
}

func full(e *jetstream.APIError) bool {
	switch e.ErrorCode {
	case insufficientResources, memoryExceeded, storageExceeded, storeFailed:
		return true
	}
	return false
}
