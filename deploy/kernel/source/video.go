package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/core/picture"
	"github.com/edgeprune/edgeprune/deploy/files"
	"github.com/edgeprune/edgeprune/deploy/kernel"
)

// video is the source "video": every coded frame of a video file once, whatever its times,
// and over and over: behind the last comes the first. A program ffmpeg decodes them, and the
// rule of package picture brings them to the out port's size; a rotation that the file
// states counts as an orientation. ffmpeg converts to full-range RGB with the matrix that the
// stream states, BT.601 where it states none; transparency is left out.
//
// Frames are decoded ahead: up to 256 before the first firing, and then beside the run, in half
// of the memory that is given, as decoding leaves about as much behind; 2 to 1024 are kept. A
// video all of whose frames are kept is decoded once. Of a longer one two things are measured: firings that wait,
// where the run is faster than the decoder, and the processor time that it takes from others.
//
// A file that is cut off or damaged is an error that says after how many frames; with
// damaged: accept, what can be decoded is shown.
//
// Parameters: file, a path; damaged, refuse (the default) or accept; memory_mib, the memory
// of decoded frames, default 256; and those of picture.Options.Set: background, which has no
// effect, fit, max_pixels, orientation. Out port: uint8[h,w,3]. An in port is taken as
// permission to fire and not read.
type video struct{ ahead *ahead }

func newVideo(s kernel.Spec) (kernel.Kernel, error) {
	p := s.Parameters()
	file, damaged := p.Text("file"), p.Text("damaged")
	if file == "" {
		p.Failf("file is missing; give the path of a video")
	}
	if damaged != "" && damaged != "refuse" && damaged != "accept" {
		p.Failf("damaged is %s; expected refuse or accept%s", damaged,
			nearest.Hint(damaged, []string{"refuse", "accept"}))
	}
	bytes, o := room(p), pictureOptions(p)
	if err := p.Done(); err != nil {
		return nil, err
	}
	if err := checkFrame(s); err != nil {
		return nil, err
	}
	path, info, err := s.Files.Path(file)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", kernel.ErrSource, err)
	case info.Size() == 0:
		return nil, fmt.Errorf("%w: %s is empty", kernel.ErrSource, file)
	}
	if err := selfContained(s.Files, file); err != nil {
		return nil, fmt.Errorf("%w: %w", kernel.ErrSource, err)
	}
	program, err := find(file)
	if err != nil {
		return nil, err
	}
	size := int(s.Out[0].Type.Bytes())
	r := &videoReader{
		ffmpeg: ffmpeg{program: program, input: fileInput(path), o: o},
		file:   file, accept: damaged == "accept", note: s.Notef,
		fitter: picture.NewFitter(int(s.Out[0].Type.Shape[1]), int(s.Out[0].Type.Shape[0]), o),
	}
	ahead, err := newAhead(r, size, bytes)
	if err != nil {
		return nil, err
	}
	return &video{ahead}, nil
}

// Fire copies the frame.
func (k *video) Fire(f *kernel.Firing) error {
	frame, err := k.ahead.frame(f.Frame)
	copy(f.Out[0][0].Data, frame)
	return err
}

// Close ends the ffmpeg process and waits for it.
func (k *video) Close() error { return k.ahead.close() }

// lists are how files begin that name other files, or addresses, for ffmpeg to open.
var lists = []string{"#EXTM3U", "ffconcat", "v=0", "<"}

// selfContained refuses a file that has ffmpeg open others.
func selfContained(from *files.Allowed, file string) error {
	f, _, err := from.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	head := make([]byte, 512)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%s: %w", file, err)
	}
	head = bytes.TrimSpace(bytes.TrimPrefix(head[:n], []byte("\xef\xbb\xbf")))
	for _, start := range lists {
		if bytes.HasPrefix(head, []byte(start)) {
			return fmt.Errorf("%s is no video but names others; give the path of a video", file)
		}
	}
	return nil
}
