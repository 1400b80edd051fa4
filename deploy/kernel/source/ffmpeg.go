package source

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/edgeprune/edgeprune/core/picture"
	"github.com/edgeprune/edgeprune/deploy/kernel"
)

// videoReader reads a video's frames from an ffmpeg process, one for every pass.
type videoReader struct {
	program, path string
	file          string // the path as it was given
	accept        bool   // what is damaged
	o             picture.Options
	fitter        *picture.Fitter
	note          func(format string, args ...any)

	old    bool  // ffmpeg is of before version 5.1
	skip   int64 // frames that are left out before the next
	pass   int64 // frames of this pass so far
	total  int64 // frames of the video; 0 until its end was seen
	frames *bufio.Reader
	frame  picture.RGB
	said   *tail

	mu      sync.Mutex
	process *exec.Cmd     // nil between two passes
	out     io.ReadCloser // of the process
	stopped bool
}

// waitDelay is how long what a program of the name ffmpeg has started may keep its outputs
// open when that has ended.
const waitDelay = time.Second

// errOutput: ffmpeg writes something else than pictures.
var errOutput = errors.New("its output is no picture")

// open starts ffmpeg at frame 0.
func (r *videoReader) open() error {
	// Every coded frame once, of the first stream that isn't a cover picture.
	passthrough := []string{"-fps_mode", "passthrough"}
	if r.old {
		passthrough = []string{"-vsync", "0"}
	}
	args := []string{"-nostdin", "-v", "error"}
	if r.o.Stored {
		args = append(args, "-noautorotate")
	}
	args = append(args, "-protocol_whitelist", "file", "-i", "file:"+r.path, "-map", "0:V:0")
	args = append(args, passthrough...)
	// Pictures that say their size, so that ffmpeg resizes nothing.
	args = append(args, "-sws_flags", "accurate_rnd+full_chroma_int+bitexact", "-f", "image2pipe", "-c:v", "ppm",
		"-pix_fmt", "rgb24", "-")
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopped {
		return kernel.ErrSource
	}
	c := exec.Command(r.program, args...)
	r.said, r.pass = &tail{}, 0
	c.Stderr, c.WaitDelay = r.said, waitDelay
	out, err := c.StdoutPipe()
	if err != nil {
		return fmt.Errorf("%w: %w", kernel.ErrSource, err)
	}
	if err := c.Start(); err != nil {
		return fmt.Errorf("%w: %s: %w", kernel.ErrSource, r.program, err)
	}
	r.process, r.out = c, out
	if r.frames == nil {
		r.frames = bufio.NewReaderSize(out, 1<<16)
	}
	r.frames.Reset(out)
	return nil
}

// read implements reader.
func (r *videoReader) read(dst []byte) error {
	for {
		if r.process == nil {
			if err := r.open(); err != nil {
				return err
			}
		}
		switch err := r.decode(); {
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
			if again, err := r.end(err); !again {
				return err
			}
		}
	}
}

// decode reads the next picture from ffmpeg; io.EOF behind the last, io.ErrUnexpectedEOF where
// the output ends in a picture.
func (r *videoReader) decode() error {
	if _, err := r.frames.Peek(1); err != nil {
		return err
	}
	var w, h, most int
	var last byte
	_, err := fmt.Fscanf(r.frames, "P6\n%d %d\n%d%c", &w, &h, &most, &last)
	switch {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return io.ErrUnexpectedEOF
	case err != nil || most != 255 || w < 1 || h < 1:
		return errOutput
	}
	if err := r.o.Check(w, h); err != nil {
		return err
	}
	if w != r.frame.Width || h != r.frame.Height {
		r.frame = picture.RGB{Width: w, Height: h, Pix: make([]byte, 3*w*h)}
	}
	if _, err := io.ReadFull(r.frames, r.frame.Pix); err != nil {
		return io.ErrUnexpectedEOF
	}
	r.pass++
	return nil
}

// end ends a pass. It reports whether to begin the next at once, and else what read returns.
func (r *videoReader) end(err error) (again bool, _ error) {
	ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	if !ended {
		_ = r.process.Process.Kill() // it may write for ever, or wait to
	}
	exit := r.process.Wait() // also waits for all of stderr; stop may kill it meanwhile
	switch {
	case !ended:
		exit = err
	case errors.Is(exit, exec.ErrWaitDelay): // it has ended well; what it has started keeps stderr open
		exit = nil
	}
	r.mu.Lock()
	stopped := r.stopped
	r.process = nil
	r.mu.Unlock()
	said := strings.TrimSpace(r.said.String())
	switch {
	case stopped:
		return false, kernel.ErrSource
	case r.pass == 0 && !r.old && strings.Contains(said, "fps_mode"):
		r.old = true
		return true, nil
	case strings.Contains(said, "matches no streams"):
		return false, fmt.Errorf("%w: %s has no video, or none that ffmpeg knows", kernel.ErrSource, r.file)
	case r.pass == 0:
		return false, fmt.Errorf("%w: %s: not a frame could be decoded; ffmpeg: %s", kernel.ErrSource, r.file,
			why(said, exit))
	case (exit != nil || said != "" || !errors.Is(err, io.EOF)) && !r.accept:
		return false, fmt.Errorf(
			"%w: %s is cut off or damaged: %d frames could be decoded; ffmpeg: %s; to show these, give damaged: accept",
			kernel.ErrSource, r.file, r.pass, why(said, exit))
	case said != "" && r.total == 0:
		r.note("%s is cut off or damaged: %d frames are shown; ffmpeg: %s", r.file, r.pass, why(said, exit))
	}
	r.total = r.pass
	if r.skip > 0 {
		r.skip %= r.total
		return true, nil
	}
	return false, io.EOF
}

// origin is what ffmpeg begins lines with: a part of itself, and where that lies in memory.
var origin = regexp.MustCompile(`(?m)^\[[^\]]* @ 0x[0-9a-f]+\] `)

// why says how ffmpeg has ended: its first and its last line.
func why(said string, exit error) string {
	said = origin.ReplaceAllString(said, "")
	lines := strings.Split(said, "\n")
	switch {
	case said != "" && len(lines) > 1:
		return lines[0] + " … " + lines[len(lines)-1]
	case said != "":
		return said
	case exit != nil:
		return exit.Error()
	}
	return "it said nothing"
}

// seek implements reader.
func (r *videoReader) seek(frame int64) {
	r.stop()
	if r.process != nil {
		_ = r.process.Wait() // its status is that of a killed process
	}
	if r.total > 0 {
		frame %= r.total
	}
	r.process, r.stopped, r.skip = nil, false, frame
}

// stop kills the process, and ends reading from it: what it has started may keep its output
// open.
func (r *videoReader) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stopped = true
	if r.process != nil {
		_ = r.process.Process.Kill() // fails if it has ended by itself
		_ = r.out.Close()
	}
}

// tail keeps the last 2 KiB written to it.
type tail struct{ last []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.last = append(t.last, p...)
	t.last = t.last[max(0, len(t.last)-2048):]
	return len(p), nil
}

func (t *tail) String() string { return string(t.last) }
