package engine

import "errors"

// What can be wrong with a slice or an event. After any of them but ErrSlice the
// engine is as it was before the event.
var (
	ErrSlice    = errors.New("slice can't be run")
	ErrUnknown  = errors.New("not in this slice")
	ErrIdle     = errors.New("actor is not firing")
	ErrCredit   = errors.New("token beyond the FIFO's credit")
	ErrAck      = errors.New("acknowledgement of a token that was not sent")
	ErrTimer    = errors.New("timer was not armed")
	ErrStarted  = errors.New("the run has begun already")
	ErrRate     = errors.New("active token rate outside its limits")
	ErrSaved    = errors.New("no such record was asked for")
	ErrLive     = errors.New("actor is no source whose frames are captured")
	ErrHello    = errors.New("a hello that doesn't fit the slice")
	ErrBadEvent = errors.New("no such kind of event")
)
