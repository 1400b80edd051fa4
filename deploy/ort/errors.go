package ort

import "errors"

var (
	// ErrNotFound: no ONNX Runtime library at any of the places looked at.
	ErrNotFound = errors.New("ort: ONNX Runtime library not found")
	// ErrLoaded: another library is already loaded in this process.
	ErrLoaded = errors.New("ort: another ONNX Runtime library is already loaded")
	// ErrNotLoaded: Load was not called before.
	ErrNotLoaded = errors.New("ort: ONNX Runtime is not loaded")
	// ErrProvider: the loaded library lacks the execution provider asked for, or that
	// lacks a library, driver or device.
	ErrProvider = errors.New("ort: execution provider not available")
	// ErrOption: the provider does not know an option, or not its value.
	ErrOption = errors.New("ort: bad option of an execution provider")
	// ErrFallback: the provider can't run all nodes of the model, and may not leave any to the CPU.
	ErrFallback = errors.New("ort: the provider can not run the whole model")
	// ErrMachine: the model was optimised for another library or processor.
	ErrMachine = errors.New("ort: the model is optimised for another machine")
	// ErrTensor: element type, shape and data of a tensor do not fit together.
	ErrTensor = errors.New("ort: bad tensor")
)
