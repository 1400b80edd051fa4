package vehicle

import "errors"

var (
	// ErrWeights is wrapped when weights don't have the network's shape.
	ErrWeights = errors.New("vehicle: weights don't have the network's shape")
	// ErrEvaluator is wrapped when the evaluator returns something else than
	// the outputs that the model declares.
	ErrEvaluator = errors.New("vehicle: evaluator's outputs don't match the model")
	// ErrConfig is wrapped when a Config asks for something impossible.
	ErrConfig = errors.New("vehicle: bad fit configuration")
)
