package ort

import (
	"errors"
	"fmt"
	"sync"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/plan"
	ortgo "github.com/yalue/onnxruntime_go"
)

// Options of a session. The zero value is one thread on the CPU, not spinning.
type Options struct {
	Threads int  // intra-op threads; 0 means 1
	Spin    bool // busy-wait for work: faster alone, far slower when cores are shared
	// Provider is the execution provider; the zero value is the CPU. Without its Fallback
	// a model with nodes that it can't run is ErrFallback.
	Provider plan.Provider
	Dir      string // where the model's external data lies; not needed if it has none
	Plain    bool   // don't optimise: loads faster, and every tensor stays
	// Shared has a session on the CPU work in memory that all such sessions of the
	// process share, so that models that run one after the other find it in the
	// processor's caches. What a run or a closed session frees is used again by the
	// others and never given back to the system: it is for models that stay, not for
	// those that are loaded once and by the thousands. Such sessions may run at the same
	// time and be closed in any order.
	Shared bool
	Show   string // path to which the model is written as it was optimised; empty: nowhere

	profile  string // prefix of the path to which the runtime's profile of the session is written; empty: nowhere
	unpacked bool   // optimise, but keep tensors in the layouts of the file: what is fused can be seen
}

// Info describes one input or output of a model. A dimension that the model
// leaves open is -1.
type Info struct {
	Name  string
	Elem  onnx.Elem
	Shape []int64
	Known bool // the rank is stated; else Shape is empty
}

// Session is a loaded model, ready to run. Several goroutines may run it at once,
// each with tensors of its own.
type Session struct {
	inputs, outputs []Info
	from            []int   // by output: the input, or the later output, that it is too; see origins
	unused          *Tensor // of a model without inputs; see withUnusedInput
	s               *ortgo.DynamicAdvancedSession
	alone           sync.Locker // held while the runtime works for the session; see serial
}

// NewSession loads an ONNX model from memory; model is not needed afterwards.
// An execution provider that the library lacks, or that lacks something itself, is an
// error wrapping ErrProvider: there is no silent fall-back to the CPU. A model that Optimise made
// elsewhere is ErrMachine; one that it made here, and any part of that, is run as it is.
func NewSession(model []byte, o Options) (*Session, error) {
	if !loaded() {
		return nil, ErrNotLoaded
	}
	decoded, err := decode(model)
	if err != nil {
		return nil, err
	}
	if err := fits(decoded, o.Provider); err != nil {
		return nil, err
	}
	o.Plain = o.Plain || onnx.Metadata(decoded, onnx.OptimisedForKey) != ""
	inputs, outputs, err := interfaceOf(decoded)
	if err != nil {
		return nil, err
	}
	alone := serial(o.Provider)
	alone.Lock()
	defer alone.Unlock()
	so, err := sessionOptions(o)
	if err != nil {
		return nil, err
	}
	defer so.Destroy()
	made := &Session{inputs: inputs, outputs: outputs, from: origins(inputs, outputs), alone: alone}
	taken := names(inputs)
	if len(inputs) == 0 {
		if model, made.unused, err = withUnusedInput(model); err != nil {
			return nil, err
		}
		taken = []string{unusedInput}
	}
	if made.s, err = ortgo.NewDynamicAdvancedSessionWithONNXData(model, taken, names(outputs), so); err != nil {
		return nil, errors.Join(fmt.Errorf("ort: new session: %w", explain(err, o.Provider)), made.Close())
	}
	return made, nil
}

// Inputs returns the model's inputs in the order that Run takes them.
func (s *Session) Inputs() []Info { return s.inputs }

// Outputs returns the model's outputs in the order that Run takes them.
func (s *Session) Outputs() []Info { return s.outputs }

// Run computes out from in, in the order of Inputs and Outputs. The outputs'
// memory is written directly; a shape that differs from the computed one is an
// error. No tensor memory is copied or allocated.
func (s *Session) Run(in, out []*Tensor) error {
	if len(in) != len(s.inputs) || len(out) != len(s.outputs) {
		return fmt.Errorf("ort: run: %d inputs and %d outputs given, the model has %d and %d",
			len(in), len(out), len(s.inputs), len(s.outputs))
	}
	if s.s == nil {
		return errors.New("ort: run: the session is closed")
	}
	if len(in) == 0 {
		in = []*Tensor{s.unused}
	}
	values := make([]ortgo.Value, len(in)+len(out))
	for i, t := range in {
		if t.load != nil {
			if err := t.reload(); err != nil {
				return fmt.Errorf("ort: run: input %s: %w", s.inputs[i].Name, err)
			}
		}
		values[i] = t.value
	}
	for i, t := range out {
		values[len(in)+i] = t.value
	}
	for i, v := range values {
		if v == nil {
			return fmt.Errorf("%w: tensor %d of the run is closed", ErrTensor, i)
		}
	}
	if err := s.work(func() error { return s.s.Run(values[:len(in)], values[len(in):]) }); err != nil {
		return fmt.Errorf("ort: run: %w", err)
	}
	for _, t := range out {
		if t.store != nil {
			t.store()
		}
	}
	s.copied(in, out)
	return nil
}

// work calls what the runtime does for the session, alone where it has to be.
func (s *Session) work(f func() error) error {
	s.alone.Lock()
	defer s.alone.Unlock()
	return f()
}

// Close frees the session. A second Close does nothing.
func (s *Session) Close() error {
	var errs []error
	if s.s != nil {
		errs = append(errs, s.work(s.s.Destroy))
	}
	if s.unused != nil {
		errs = append(errs, s.unused.Close())
	}
	s.s, s.unused = nil, nil
	return errors.Join(errs...)
}

func sessionOptions(o Options) (so *ortgo.SessionOptions, err error) {
	if o.Threads < 0 {
		return nil, fmt.Errorf("ort: %d threads: give 0 (which means 1) or more", o.Threads)
	}
	if so, err = ortgo.NewSessionOptions(); err != nil {
		return nil, fmt.Errorf("ort: session options: %w", err)
	}
	spin := "0"
	if o.Spin {
		spin = "1"
	}
	level := ortgo.GraphOptimizationLevel(ortgo.GraphOptimizationLevelEnableAll)
	switch {
	case o.Plain:
		level = ortgo.GraphOptimizationLevelDisableAll
	case o.unpacked:
		level = ortgo.GraphOptimizationLevelEnableExtended
	}
	err = errors.Join(
		so.SetIntraOpNumThreads(max(o.Threads, 1)),
		so.SetInterOpNumThreads(1),
		so.SetExecutionMode(ortgo.ExecutionModeSequential),
		so.SetGraphOptimizationLevel(level),
		so.AddSessionConfigEntry("session.intra_op.allow_spinning", spin),
		appendProvider(so, o.Provider),
	)
	if o.Shared && o.Provider.OnCPU() {
		err = errors.Join(err, share(so))
	}
	if o.Dir != "" {
		err = errors.Join(err, so.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", o.Dir))
	}
	if o.profile != "" {
		err = errors.Join(err, so.EnableProfiling(o.profile))
	}
	if o.Show != "" {
		err = errors.Join(err, so.SetOptimizedModelFilePath(o.Show))
	}
	if err != nil {
		so.Destroy()
		return nil, fmt.Errorf("ort: session options: %w", err)
	}
	return so, nil
}
