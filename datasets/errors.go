package datasets

import "errors"

var (
	// ErrUnknown: there is no data set of that name.
	ErrUnknown = errors.New("datasets: unknown data set")
	// ErrMissing: the data set is not in the cache, or an older version of it is.
	ErrMissing = errors.New("datasets: data set is not in the cache")
	// ErrCorrupt: a file does not have the content that its pinned hash names.
	ErrCorrupt = errors.New("datasets: file is corrupt")
	// ErrPackages: the package client is absent or failed.
	ErrPackages = errors.New("datasets: can not fetch packages")
)
