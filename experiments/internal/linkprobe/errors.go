package linkprobe

import "errors"

// ErrProbe says that a link could not be measured; the text says which way and why.
var ErrProbe = errors.New("the link can't be measured")
