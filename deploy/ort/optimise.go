package ort

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/deploy/tempdir"
	"golang.org/x/sys/cpu"
	"google.golang.org/protobuf/proto"
)

// Machine names what decides how ONNX Runtime lays out a model on this machine's CPU:
// the loaded library's version, the architecture and, where they matter, the
// processor's vector instructions, as in "onnxruntime 1.27.0, amd64, avx512f".
func Machine() string {
	name := "onnxruntime " + Version() + ", " + runtime.GOARCH
	if runtime.GOARCH != "amd64" {
		return name
	}
	switch { // as MLAS chooses: blocks of 16 channels with AVX-512, else of 8
	case cpu.X86.HasAVX512F:
		return name + ", avx512f"
	case cpu.X86.HasAVX2:
		return name + ", avx2"
	}
	return name + ", sse2"
}

// Optimise returns what ONNX Runtime makes of a model without external data before it
// runs it on this machine's CPU: fused operators, weights and inner tensors in blocks
// as long as its vectors. Cuts of that make it neither fuse less nor change the layout
// at a boundary. A tensor in blocks has the name of the node that makes it, as far as
// ONNX Runtime keeps that, such as pw1_nchwc. The model runs only where Machine is the
// same, which its metadata says under onnx.OptimisedForKey; NewSession refuses it
// elsewhere.
func Optimise(model []byte) (optimised []byte, err error) {
	dir, err := tempdir.Make("optimise")
	if err != nil {
		return nil, fmt.Errorf("ort: optimise: %w", err)
	}
	defer func() { err = errors.Join(err, dir.Remove()) }()
	path := filepath.Join(dir.Path, "model.onnx")
	s, err := NewSession(model, Options{Threads: 1, Show: path})
	if err != nil {
		return nil, fmt.Errorf("ort: optimise: %w", err)
	}
	if err := s.Close(); err != nil {
		return nil, fmt.Errorf("ort: optimise: %w", err)
	}
	if optimised, err = os.ReadFile(path); err != nil {
		return nil, fmt.Errorf("ort: optimise: %w", err)
	}
	decoded, err := decode(optimised)
	if err != nil {
		return nil, err
	}
	rename(decoded.GetGraph())
	if onnx.Metadata(decoded, onnx.OptimisedForKey) == "" {
		decoded.MetadataProps = append(decoded.MetadataProps,
			&onnxpb.StringStringEntryProto{Key: proto.String(onnx.OptimisedForKey), Value: proto.String(Machine())})
	}
	if optimised, err = (proto.MarshalOptions{Deterministic: true}).Marshal(decoded); err != nil {
		return nil, fmt.Errorf("ort: optimise: %w", err)
	}
	return optimised, nil
}

// fits refuses a model that was optimised for another machine, where it could compute
// something else, or for the CPU when it is to run elsewhere.
func fits(m *onnxpb.ModelProto, provider plan.Provider) error {
	made := onnx.Metadata(m, onnx.OptimisedForKey)
	switch {
	case made == "":
		return nil
	case made != Machine():
		return fmt.Errorf(
			"%w: %q was made for %s, this is %s; take the model that it was made from, or have edgeprune model optimise make "+
				"it again on a machine like this",
			ErrMachine, m.GetGraph().GetName(), made, Machine())
	case !provider.OnCPU():
		return fmt.Errorf("%w: %q was made for the CPU and can not run on %s; take the model that it was made from",
			ErrMachine, m.GetGraph().GetName(), provider.Name)
	}
	return nil
}
