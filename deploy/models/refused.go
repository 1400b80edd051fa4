package models

import (
	"errors"
	"fmt"

	"github.com/edgeprune/edgeprune/deploy/transport"
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

// refused reports whether an error of the object store is there to stay: the server has
// answered that it can't or won't. Others, such as no answer, may pass when a connection
// or a server comes back.
func (s *Store) refused(err error) bool {
	if errors.Is(err, errFreed) {
		return false
	}
	if s.nc.IsClosed() || errors.Is(err, nats.ErrPermissionViolation) || errors.Is(err, transport.ErrPayload) ||
		errors.Is(err, jetstream.ErrBucketNotFound) || s.absent(err) {
		return true
	}
	e := answered(err)
	return e != nil && (full(e) || e.Code >= 400 && e.Code < 500)
}

// explained adds to an error of the object store how to mend it, where that is known.
func (s *Store) explained(err error) error {
	switch e := answered(err); {
	case s.absent(err):
		return fmt.Errorf("%w; enable JetStream in the configuration of the %s, as sub-models travel through its object "+
			"store", err, transport.Server(s.nc))
	case e != nil && full(e):
		return fmt.Errorf("%w; the JetStream store of the %s is full: free room there or raise its limit", err,
			transport.Server(s.nc))
	case errors.Is(err, nats.ErrNoResponders) && s.o.Domain != "":
		return fmt.Errorf("%w; no JetStream with the domain %q can be reached from the %s: give --js-domain as the "+
			"configuration of the server has it that keeps the object store", err, s.o.Domain, transport.Server(s.nc))
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

// absent reports whether the reason of an error is that the server has no JetStream. While a
// server starts that has, nobody answers either, nor one of another domain while it is away.
func (s *Store) absent(err error) bool {
	if errors.Is(err, nats.ErrNoResponders) && s.nc.IsConnected() {
		has, _ := s.nc.ConnectedServerJetStream()
		return !has && s.o.Domain == ""
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
