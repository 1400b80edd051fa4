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

// ffmpeg decodes pictures from one source by a process of that program after the other.
type ffmpeg struct {
	program string
	input   []string // arguments up to and with the source
	o       picture.Options

	old    bool  // ffmpeg is of before version 5.1
	pass   int64 // pictures of this process so far
	frames *bufio.Reader
	said   *tail

	mu      sync.Mutex
	process *exec.Cmd     // nil between two processes
	out     io.ReadCloser // of the process
	stopped bool
}

// waitDelay is how long what a program of the name ffmpeg has started may keep its outputs
// open when that has ended.
const waitDelay = time.Second

// errOutput: ffmpeg writes something else than pictures.
var errOutput = errors.New("its output is no picture")

// find returns where the program ffmpeg is; what is what it is needed for.
func find(what string) (string, error) {
	program, err := exec.LookPath("ffmpeg")
	if err != nil {
		return "", fmt.Errorf("%w: the program ffmpeg is needed to decode %s and was not found (Debian: apt-get install "+
			"ffmpeg): %w", kernel.ErrSource, what, err)
	}
	return program, nil
}

// open starts a process.
func (f *ffmpeg) open() error {
	// Every coded frame once, of the first stream that isn't a cover picture.
	passthrough := []string{"-fps_mode", "passthrough"}
	if f.old {
		passthrough = []string{"-vsync", "0"}
	}
	args := []string{"-nostdin", "-v", "error"}
	if f.o.Stored {
		args = append(args, "-noautorotate")
	}
	args = append(args, f.input...)
	args = append(args, "-map", "0:V:0")
	args = append(args, passthrough...)
	// Pictures that say their size, so that ffmpeg resizes nothing, and that leave at once.
	args = append(args, "-sws_flags", "accurate_rnd+full_chroma_int+bitexact", "-flush_packets", "1", "-f", "image2pipe",
		"-c:v", "ppm", "-pix_fmt", "rgb24", "-")
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stopped {
		return kernel.ErrSource
	}
	c := exec.Command(f.program, args...)
	f.said, f.pass = &tail{}, 0
	c.Stderr, c.WaitDelay = f.said, waitDelay
	out, err := c.StdoutPipe()
	if err != nil {
		return fmt.Errorf("%w: %w", kernel.ErrSource, err)
	}
	if err := c.Start(); err != nil {
		return fmt.Errorf("%w: %s: %w", kernel.ErrSource, f.program, err)
	}
	f.process, f.out = c, out
	if f.frames == nil {
		f.frames = bufio.NewReaderSize(out, 1<<16)
	}
	f.frames.Reset(out)
	return nil
}

// decode reads the next picture into p; io.EOF behind the last, io.ErrUnexpectedEOF where the
// output ends in a picture.
func (f *ffmpeg) decode(p *picture.RGB) error {
	if _, err := f.frames.Peek(1); err != nil {
		return err
	}
	var w, h, most int
	var last byte
	_, err := fmt.Fscanf(f.frames, "P6\n%d %d\n%d%c", &w, &h, &most, &last)
	switch {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return io.ErrUnexpectedEOF
	case err != nil || most != 255 || w < 1 || h < 1:
		return errOutput
	}
	if err := f.o.Check(w, h); err != nil {
		return err
	}
	if w != p.Width || h != p.Height {
		*p = picture.RGB{Width: w, Height: h, Pix: make([]byte, 3*w*h)}
	}
	if _, err := io.ReadFull(f.frames, p.Pix); err != nil {
		return io.ErrUnexpectedEOF
	}
	f.pass++
	return nil
}

// ending is how a process has ended.
type ending struct {
	stopped bool   // by stop
	again   bool   // ffmpeg is old: the next process will know that
	said    string // by ffmpeg
	exit    error  // nil: well
}

// end waits for the end of a process, whose pictures ended with an error.
func (f *ffmpeg) end(err error) ending {
	ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	if !ended {
		_ = f.process.Process.Kill() // it may write for ever, or wait to
	}
	exit := f.process.Wait() // also waits for all of stderr; stop may kill it meanwhile
	switch {
	case !ended:
		exit = err
	case errors.Is(exit, exec.ErrWaitDelay): // it has ended well; what it has started keeps stderr open
		exit = nil
	}
	f.mu.Lock()
	e := ending{stopped: f.stopped, said: strings.TrimSpace(f.said.String()), exit: exit}
	f.process = nil
	f.mu.Unlock()
	if f.pass == 0 && !f.old && strings.Contains(e.said, "fps_mode") {
		f.old, e.again = true, true
	}
	return e
}

// noVideo reports whether ffmpeg found no video in the source.
func (e ending) noVideo() bool { return strings.Contains(e.said, "matches no streams") }

// why says how ffmpeg has ended: its first and its last line.
func (e ending) why() string { return why(e.said, e.exit) }

// stop kills the process, and ends reading from it: what it has started may keep its output
// open.
func (f *ffmpeg) stop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stopped = true
	if f.process != nil {
		_ = f.process.Process.Kill() // fails if it has ended by itself
		_ = f.out.Close()
	}
}

// reset lets a new process begin after stop.
func (f *ffmpeg) reset() {
	f.stop()
	if f.process != nil {
		_ = f.process.Wait() // its status is that of a killed process
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.process, f.stopped = nil, false
}

// origin is what ffmpeg begins lines with: a part of itself, and where that lies in memory.
var origin = regexp.MustCompile(`(?m)^\[[^\]]* @ 0x[0-9a-f]+\] `)

// why says what ffmpeg has said, or how it has exited.
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

// tail keeps the last 2 KiB written to it.
type tail struct{ last []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.last = append(t.last, p...)
	t.last = t.last[max(0, len(t.last)-2048):]
	return len(p), nil
}

func (t *tail) String() string { return string(t.last) }
