package datasets

import "errors"

var (
	// ErrUnknown: there is no data set of that name.
	ErrUnknown = errors.New("datasets: unknown data set")
	// ErrMissing: the data set is not in the cache, or an older version of it is.
	ErrMissing = errors.New("datasets: data set is not in the cache")
	// ErrForeign: what lies in the cache under a data set's name is not one.
	ErrForeign = errors.New("datasets: not made by this program")
	// ErrCorrupt: a file does not have the content that its pinned hash names.
	ErrCorrupt = errors.New("datasets: file is corrupt")
	// ErrPackages: the package client is absent or failed.
	ErrPackages = errors.New("datasets: can not fetch packages")
)
