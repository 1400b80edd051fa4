package transport

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/nats-io/nats.go"
)

// Watch has told be called with every error of a connection that nobody waits for and
// that doesn't pass by itself: a permission that is missing, messages that were dropped,
// the end of the connection. What others have chosen is not told: a permission to publish
// on a subject that is not the program's own, such as one for replies. What ends with the
// next reconnect is not told either. told is called from other goroutines and must not
// block. stop ends it; it may be called again. The connection's own error handler is
// called too.
func Watch(nc *nats.Conn, told func(error)) (stop func()) {
	own := nc.ErrorHandler()
	nc.SetErrorHandler(func(nc *nats.Conn, sub *nats.Subscription, err error) {
		if own != nil {
			own(nc, sub, err)
		}
		if lasting(err) {
			told(explain(sub, err))
		}
	})
	end := sync.OnceFunc(func() { told(Closed(nc)) })
	closed := nc.StatusChanged(nats.CLOSED)
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, ok := <-closed; ok {
			end()
		}
	})
	if nc.IsClosed() { // perhaps before anybody listened
		end()
	}
	return sync.OnceFunc(func() {
		nc.SetErrorHandler(own)
		nc.RemoveStatusListener(closed)
		wg.Wait()
	})
}

// Closed returns why a connection that is closed was closed; it wraps ErrClosed.
func Closed(nc *nats.Conn) error {
	if err := nc.LastError(); err != nil {
		return fmt.Errorf("%w: %w", ErrClosed, err)
	}
	return ErrClosed
}

// lasting reports whether an error is there to stay. Those of reading, writing and
// credentials are not: nats.go connects again, and closes the connection if that is in vain.
func lasting(err error) bool {
	return Denied(err) || errors.Is(err, nats.ErrSlowConsumer) ||
		errors.Is(err, nats.ErrMaxSubscriptionsExceeded)
}

// ownSubjects begin the subjects that the program publishes on by itself: its own, and those
// of JetStream and its object store.
var ownSubjects = []string{"edgeprune.", "$JS.", "$O."}

// Denied reports whether an error says that the program lacks a permission of its own.
func Denied(err error) bool { return errors.Is(err, nats.ErrPermissionViolation) && !foreign(err) }

// foreign reports whether a permission is missing for a subject that somebody else has
// chosen: whoever sends a request says where the answer goes.
func foreign(err error) bool {
	_, subject, publish := strings.Cut(err.Error(), `Publish to "`)
	return publish && !slices.ContainsFunc(ownSubjects, func(own string) bool { return strings.HasPrefix(subject, own) })
}

// explain says what an error is about.
func explain(sub *nats.Subscription, err error) error {
	switch {
	case sub == nil:
		return err // of permissions it names the subject
	case errors.Is(err, nats.ErrSlowConsumer):
		n, _ := sub.Dropped() // it fails only on a closed subscription
		return &DroppedError{sub, n, err}
	default:
		return fmt.Errorf("subject %s: %w", sub.Subject, err)
	}
}

// DroppedError says that messages of a subscription were dropped, as they came faster than
// they were taken. It wraps ErrDropped.
type DroppedError struct {
	Sub   *nats.Subscription
	N     int // so far
	cause error
}

// Error implements error.
func (e *DroppedError) Error() string {
	return fmt.Sprintf("subject %s: %v: %d so far, which came faster than they were taken: %v", e.Sub.Subject, ErrDropped,
		e.N, e.cause)
}

// Unwrap returns ErrDropped and the error of nats.go.
func (e *DroppedError) Unwrap() []error { return []error{ErrDropped, e.cause} }

// Close closes a connection and waits until its goroutines have ended.
func Close(nc *nats.Conn) {
	closed := make(chan struct{})
	nc.SetClosedHandler(func(*nats.Conn) { close(closed) })
	if nc.IsClosed() { // by itself: nobody may call the handler any more
		return
	}
	nc.Close()
	<-closed
}
