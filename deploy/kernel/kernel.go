package kernel

import (
	"context"
	"fmt"

	"github.com/edgeprune/edgeprune/core/admission"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/files"
	"github.com/edgeprune/edgeprune/deploy/ort"
)

// Token is one token in its slot of a FIFO.
type Token struct {
	Type graph.TokenType
	// Data is the slot's whole memory, Type.Bytes() long, 64-byte aligned, at the
	// same address for the life of the run.
	Data []byte
	Len  int // bytes in use: Type.Bytes(), or what the producer set for opaque tokens
	Slot int // number of the slot in its FIFO, from 0
}

// NewToken returns a token with memory of its own, zeroed, as the given slot of
// its FIFO.
func NewToken(t graph.TokenType, slot int) *Token {
	n := int(t.Bytes())
	return &Token{Type: t, Data: ort.AlignedBytes(n), Len: n, Slot: slot}
}

// Float32 is View[float32].
func (t *Token) Float32() []float32 { return View[float32](t) }

// Firing is one execution of an actor. In[p] and Out[p] are the tokens of port
// p, as many as its rate, in the order of the actor's ports; a port of a dynamic
// actor may have none. A kernel reads In and writes into the Data of Out's tokens
// (and Len of opaque ones). It changes nothing else and keeps neither after Fire
// has returned.
type Firing struct {
	Frame   int64 // firing number from 0, which is the frame number
	Capture int64 // of a source whose frames are captured: number of the one that enters, from 1; else 0
	In, Out [][]*Token
}

// Kernel is what the firings of one actor run. Its methods are called one at a
// time, not necessarily from the same goroutine.
type Kernel interface {
	// Fire runs one firing. After an error the content of Out is undefined.
	Fire(f *Firing) error
	// Close frees what the kernel holds and ends its processes. It is called once,
	// with no firing in progress and none to follow.
	Close() error
}

// Spec says for which actor a kernel is made. The kernel may keep it, and does
// not change it.
type Spec struct {
	Actor    string         // the actor's name, for errors
	Params   map[string]any // the kernel's settings as read from YAML or JSON
	In, Out  []graph.Port
	Instance string // of the application; "" if there is only one

	// Of "onnx" only: the sub-model, and its tensor's name for every port.
	Model           []byte
	Inputs, Outputs []string

	Unit   plan.Unit                                  // the processing unit it runs on
	Rule   admission.Rule                             // what becomes of frames that a Live source captures
	Data   func(name string) (path string, err error) // where a data set is; sources call it
	Files  *files.Allowed                             // opens what Params and Data name: nothing else does
	Record func(trace.Result)                         // takes a sink's results; may be called from any goroutine
	Note   func(string)                               // takes what the user should know; nil: nobody does

	// Context ends when nobody wants the kernel any more that is being made: New, where it waits for
	// what may never come, then returns an error. nil: it doesn't end.
	Context context.Context
}

// New makes a kernel, ready to fire: models are loaded, pictures decoded. It
// checks Params and the ports' types.
type New func(Spec) (Kernel, error)

// Notef says something about what the kernel was given, for the user to know, such as files
// that were skipped. A kernel calls it while it is made or fires, from any goroutine.
func (s Spec) Notef(format string, args ...any) {
	if s.Note != nil {
		s.Note("actor " + s.Actor + ": " + fmt.Sprintf(format, args...))
	}
}
