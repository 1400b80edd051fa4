package source

import (
	"errors"
	"fmt"
	"io"

	"github.com/edgeprune/edgeprune/core/picture"
	"github.com/edgeprune/edgeprune/deploy/kernel"
)

// videoReader reads a video's frames, in a process for every pass.
type videoReader struct {
	ffmpeg
	file   string // the path as it was given
	accept bool   // what is damaged
	fitter *picture.Fitter
	note   func(format string, args ...any)

	skip  int64 // frames that are left out before the next
	total int64 // frames of the video; 0 until its end was seen
	frame picture.RGB
}

// fileInput are ffmpeg's arguments for a file, which has it open no others.
func fileInput(path string) []string {
	return []string{"-protocol_whitelist", "file", "-i", "file:" + path}
}

// read implements reader.
func (r *videoReader) read(dst []byte) error {
	for {
		if r.process == nil {
			if err := r.open(); err != nil {
				return err
			}
		}
		switch err := r.decode(&r.frame); {
		case err == nil && r.skip == 0:
			if err := r.fitter.Into(dst, &r.frame); err != nil {
				return fmt.Errorf("%w: %s: %w", kernel.ErrSource, r.file, err)
			}
			return nil
		case err == nil:
			r.skip--
		case errors.Is(err, picture.ErrLimit):
			r.stop()
			return fmt.Errorf("%w: %s: %w", kernel.ErrSource, r.file, err)
		default:
			if again, err := r.endPass(err); !again {
				return err
			}
		}
	}
}

// endPass ends a pass. It reports whether to begin the next at once, and else what read returns.
func (r *videoReader) endPass(err error) (again bool, _ error) {
	e := r.end(err)
	switch {
	case e.stopped:
		return false, kernel.ErrSource
	case e.again:
		return true, nil
	case e.noVideo():
		return false, fmt.Errorf("%w: %s has no video, or none that ffmpeg knows", kernel.ErrSource, r.file)
	case r.pass == 0:
		return false, fmt.Errorf("%w: %s: not a frame could be decoded; ffmpeg: %s", kernel.ErrSource, r.file, e.why())
	case (e.exit != nil || e.said != "" || !errors.Is(err, io.EOF)) && !r.accept:
		return false, fmt.Errorf(
			"%w: %s is cut off or damaged: %d frames could be decoded; ffmpeg: %s; to show these, give damaged: accept",
			kernel.ErrSource, r.file, r.pass, e.why())
	case e.said != "" && r.total == 0:
		r.note("%s is cut off or damaged: %d frames are shown; ffmpeg: %s", r.file, r.pass, e.why())
	}
	r.total = r.pass
	if r.skip > 0 {
		r.skip %= r.total
		return true, nil
	}
	return false, io.EOF
}

// seek implements reader.
func (r *videoReader) seek(frame int64) {
	r.reset()
	if r.total > 0 {
		frame %= r.total
	}
	r.skip = frame
}
