package measure

import "errors"

// What can go wrong in an experiment, apart from the user's input
// (yamlfile.ErrInput).
var (
	// ErrWrong says that a run lost, doubled or changed a result.
	ErrWrong = errors.New("wrong result")
	// ErrIncomplete says that some cases could not be run; the others are kept.
	ErrIncomplete = errors.New("incomplete results")
)
