package planfile

import (
	"errors"
)

// What can be wrong with a plan file. An error about one wraps yamlfile.ErrInput and
// one of these, compile.ErrNoModel or one of core/graph's.
var (
	ErrActor    = errors.New("bad actor")
	ErrPlatform = errors.New("bad platform")
	ErrMapping  = errors.New("bad mapping")
	ErrWorkload = errors.New("bad workload")
	ErrCodec    = errors.New("bad codec")
	ErrFault    = errors.New("bad fault")
)
