package compile

import "errors"

// ErrNoModel: the model that an actor runs is not at hand.
var ErrNoModel = errors.New("no model")
