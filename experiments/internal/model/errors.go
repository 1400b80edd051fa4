package model

import "errors"

// The errors of this package; all are the user's to correct.
var (
	// ErrDims: a symbolic dimension isn't bound, or what was bound isn't there.
	ErrDims = errors.New("dimensions of the model")
	// ErrCut: no such cut, or cuts that don't follow each other.
	ErrCut = errors.New("cut of the model")
	// ErrInput: what was given as the model's input doesn't fit.
	ErrInput = errors.New("input of the model")
	// ErrNoFile: a folder, or what is no regular file, was given in the place of a model file.
	ErrNoFile = errors.New("not a model file")
)
