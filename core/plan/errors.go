package plan

import (
	"errors"
	"fmt"
)

// What can be wrong with a plan; every error of Compile wraps yamlfile.ErrInput and
// one of these, or one of core/graph's.
var (
	ErrActor    = errors.New("bad actor")
	ErrPlatform = errors.New("bad platform")
	ErrMapping  = errors.New("bad mapping")
	ErrWorkload = errors.New("bad workload")
	ErrCodec    = errors.New("bad codec")
	ErrFault    = errors.New("bad fault")
	ErrNoModel  = errors.New("no model")
)

func errNoModel(actor string) error {
	return fmt.Errorf("%w: actor %s has no model bytes at hand", ErrNoModel, actor)
}
