package builtin

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"github.com/edgeprune/edgeprune/deploy/kernel"
)

// video is the source "video": the frames of a video file, over and over,
// decoded and scaled to the out port's size by an ffmpeg process, which runs until
// Close and decodes no further ahead than its pipe holds. A firing that is not the
// last one's successor starts it again and decodes up to the frame.
//
// Parameter: file, a path. Out port: uint8[h,w,3]. An in port is taken as
// permission to fire and not read.
type video struct {
	start   func() *exec.Cmd
	next    int64 // frame that is decoded next
	command *exec.Cmd
	frames  *bufio.Reader
	stderr  *tail
}

func newVideo(s kernel.Spec) (kernel.Kernel, error) {
	p := s.Parameters()
	file := p.Text("file")
	if file == "" {
		p.Failf("file is missing; give the path of a video")
	}
	if err := p.Done(); err != nil {
		return nil, err
	}
	if err := checkSource(s, picture); err != nil {
		return nil, err
	}
	if _, err := os.Stat(file); err != nil {
		return nil, fmt.Errorf("%w: %w", kernel.ErrSource, err)
	}
	path, err := exec.LookPath("ffmpeg")
	if err != nil {
		return nil,
			fmt.Errorf("%w: the program ffmpeg is needed to decode %s and was not found (Debian: apt-get install ffmpeg): %w",
				kernel.ErrSource, file, err)
	}
	size := s.Out[0].Type.Shape
	k := &video{start: func() *exec.Cmd {
		return exec.Command(path, "-nostdin", "-v", "error", "-stream_loop", "-1", "-i", "file:"+file,
			"-vf", fmt.Sprintf("scale=%d:%d", size[1], size[0]), "-f", "rawvideo", "-pix_fmt", "rgb24", "-")
	}}
	if err := k.open(); err != nil {
		return nil, err
	}
	return k, nil
}

// open starts ffmpeg at frame 0.
func (k *video) open() error {
	k.command, k.stderr, k.next = k.start(), &tail{}, 0
	k.command.Stderr = k.stderr
	out, err := k.command.StdoutPipe()
	if err != nil {
		return fmt.Errorf("%w: %w", kernel.ErrSource, err)
	}
	if err := k.command.Start(); err != nil {
		return fmt.Errorf("%w: %w", kernel.ErrSource, err)
	}
	k.frames = bufio.NewReader(out)
	// Wait for the first pixel: a file that can't be decoded is an error now.
	if _, err := k.frames.Peek(1); err != nil {
		return k.ended(err)
	}
	return nil
}

// Fire reads the frame.
func (k *video) Fire(f *kernel.Firing) error {
	if f.Frame < k.next {
		k.Close()
		if err := k.open(); err != nil {
			return err
		}
	}
	for ; k.next <= f.Frame; k.next++ {
		if _, err := io.ReadFull(k.frames, f.Out[0][0].Data); err != nil {
			return k.ended(err)
		}
	}
	return nil
}

// ended says why there are no more frames.
func (k *video) ended(err error) error {
	k.Close() // also waits for all of stderr
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("it ended early")
	}
	return fmt.Errorf("%w: ffmpeg: %w: %s", kernel.ErrSource, err, strings.TrimSpace(k.stderr.String()))
}

// Close ends the ffmpeg process and waits for it.
func (k *video) Close() error {
	if k.command.Process == nil { // it could not be started again
		return nil
	}
	_ = k.command.Process.Kill() // fails if it has ended by itself
	_ = k.command.Wait()         // its status is that of a killed process
	return nil
}

// tail keeps the last 2 KiB written to it.
type tail struct{ last []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.last = append(t.last, p...)
	t.last = t.last[max(0, len(t.last)-2048):]
	return len(p), nil
}

func (t *tail) String() string { return string(t.last) }
