package picture

import "errors"

var (
	// ErrPicture: bytes are not a picture that can be read; the error names the format if it
	// is known.
	ErrPicture = errors.New("not a picture that can be read")
	// ErrLimit: a picture has more pixels than are allowed, or takes too much memory to resize.
	ErrLimit = errors.New("the picture is too large")
	// ErrSize: a picture hasn't the size that fit: exact asks for.
	ErrSize = errors.New("the picture has another size")
	// ErrOption: an option is not known or has no such value.
	ErrOption = errors.New("bad picture option")
	// ErrTensor: a tensor of that type doesn't hold pictures.
	ErrTensor = errors.New("no tensor for pictures")
)
