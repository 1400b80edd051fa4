package transport

import (
	"errors"

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
	if nc.IsClosed() || errors.Is(err, nats.ErrPermissionViolation) || errors.Is(err, jetstream.ErrDigestMismatch) {
		return true
	}
	var answer jetstream.JetStreamError
	if !errors.As(err, &answer) {
		return false
	}
	e := answer.APIError()
	if e == nil {
		return errors.Is(err, jetstream.ErrObjectNotFound) || errors.Is(err, jetstream.ErrBucketNotFound)
	}
	switch e.ErrorCode {
	case jetstream.JSErrCodeJetStreamNotEnabled, jetstream.JSErrCodeJetStreamNotEnabledForAccount,
		insufficientResources, memoryExceeded, storageExceeded, storeFailed:
		return true
	}
	return e.Code >= 400 && e.Code < 500
}
