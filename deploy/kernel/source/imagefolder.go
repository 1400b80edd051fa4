package source

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/edgeprune/edgeprune/core/picture"
	"github.com/edgeprune/edgeprune/deploy/files"
	"github.com/edgeprune/edgeprune/deploy/kernel"
)

// imageFolder is the source "image-folder": frame n is picture n, modulo their number, of
// the pictures of a folder in the natural order of their names, 2.png before 10.png. The
// rule of package picture says how they become frames of the out port's size.
//
// It stands for a camera, which hands over raw frames. Where all frames fit in the memory
// that is given, they are decoded when the first kernel that shows the folder is made, and a
// firing only copies one: none of it counts in any time that is measured. Else frames are
// decoded ahead, up to 256 before the first firing and then beside the run, in half of that
// memory, as decoding leaves about as much behind; 2 to 1024 are kept. Then two things are measured: firings that wait,
// where the run is faster than the decoder, and the processor time that it takes from others.
//
// Parameters: dataset, a name that Spec.Data resolves, or folder, a path; memory_mib, the
// memory of decoded frames, default 256; and those of picture.Options.Set: background, fit,
// max_pixels, orientation. Out port: uint8[h,w,3]. An in port is taken as permission to fire
// and not read.
type imageFolder struct {
	frames [][]byte // all of them; nil if they are decoded ahead
	ahead  *ahead
	done   func()
}

func (a *albums) newImageFolder(s kernel.Spec) (kernel.Kernel, error) {
	p := s.Parameters()
	dataset, folder := p.Text("dataset"), p.Text("folder")
	if (dataset == "") == (folder == "") {
		p.Failf("give either dataset or folder")
	}
	bytes, o := room(p), pictureOptions(p)
	if err := p.Done(); err != nil {
		return nil, err
	}
	if err := checkFrame(s); err != nil {
		return nil, err
	}
	if dataset != "" {
		if s.Data == nil {
			return nil, fmt.Errorf("%w: data set %s: there are no data sets here; give a folder", kernel.ErrSource, dataset)
		}
		var err error
		if folder, err = s.Data(dataset); err != nil {
			return nil, fmt.Errorf("%w: %w", kernel.ErrSource, err)
		}
	}
	found, skipped, err := list(s.Files, folder)
	if err != nil {
		return nil, err
	}
	if skipped > 0 {
		s.Notef("folder %s: %d pictures%s", folder, len(found), skippedText(skipped))
	}
	h, w := int(s.Out[0].Type.Shape[0]), int(s.Out[0].Type.Shape[1])
	r := &folderReader{from: s.Files, folder: folder, files: found, o: o, fitter: picture.NewFitter(w, h, o)}
	size := int(s.Out[0].Type.Bytes())
	if bytes/int64(size) < int64(len(found)) {
		ahead, err := newAhead(r, size, bytes)
		return &imageFolder{ahead: ahead}, err
	}
	frames, done, err := a.decoded(r, h, w, bytes)
	return &imageFolder{frames: frames, done: done}, err
}

// Fire copies the frame's picture.
func (k *imageFolder) Fire(f *kernel.Firing) error {
	if k.ahead == nil {
		copy(f.Out[0][0].Data, k.frames[f.Frame%int64(len(k.frames))])
		return nil
	}
	frame, err := k.ahead.frame(f.Frame)
	copy(f.Out[0][0].Data, frame)
	return err
}

// Close ends the decoding ahead.
func (k *imageFolder) Close() error {
	if k.ahead == nil {
		k.done()
		return nil
	}
	return k.ahead.close()
}

// folderReader decodes a folder's pictures in turn.
type folderReader struct {
	from   *files.Allowed
	folder string
	files  []listed
	o      picture.Options
	fitter *picture.Fitter
	next   int
}

// read implements reader.
func (r *folderReader) read(dst []byte) error {
	if r.next == len(r.files) {
		r.next = 0
		return io.EOF
	}
	path := filepath.Join(r.folder, r.files[r.next].name)
	data, err := r.from.ReadMost(path, maxFileBytes)
	if err == nil {
		var p *picture.RGB
		if p, err = picture.Decode(data, r.o); err == nil {
			err = r.fitter.Into(dst, p)
		}
	}
	if err != nil {
		return fmt.Errorf("%w: %s: %w", kernel.ErrSource, path, err)
	}
	r.next++
	return nil
}

func (r *folderReader) seek(frame int64) { r.next = int(frame % int64(len(r.files))) }

func (r *folderReader) stop() {}
