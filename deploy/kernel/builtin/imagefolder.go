package builtin

import (
	"fmt"
	"image"
	_ "image/png" // pictures of data sets
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/edgeprune/edgeprune/deploy/kernel"
)

// imageFolder is the source "image-folder": frame n is picture n, modulo
// their number, of the PNG and JPEG files of a folder in the order of their
// names. It stands for a camera, which hands over raw RGB frames: all pictures are
// decoded when the first kernel that shows them is made, and a firing only copies one.
//
// Parameters: dataset, a name that Spec.Data resolves, or folder, a path. Out
// port: uint8[h,w,3]; every picture must have that size. An in port is taken as
// permission to fire and not read.
type imageFolder struct{ frames [][]byte }

// albums keeps decoded folders, so that every kernel of a registry that shows a
// folder shares its pictures.
type albums struct {
	mu     sync.Mutex
	albums map[album][][]byte
}

// album is a folder as it was at a time, decoded to a size.
type album struct {
	folder string
	h, w   int
	at     time.Time // of the folder's last change
}

func newAlbums() *albums { return &albums{albums: map[album][][]byte{}} }

// pictures returns the decoded pictures of a folder, which nobody may change.
func (a *albums) pictures(folder string, h, w int) ([][]byte, error) {
	info, err := os.Stat(folder)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", kernel.ErrSource, err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	key := album{folder, h, w, info.ModTime()}
	if frames, ok := a.albums[key]; ok {
		return frames, nil
	}
	files, err := pictureFiles(folder)
	if err != nil {
		return nil, err
	}
	var frames [][]byte
	for _, file := range files {
		frame, err := decodeFile(file, h, w)
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", kernel.ErrSource, file, err)
		}
		frames = append(frames, frame)
	}
	a.albums[key] = frames
	return frames, nil
}

func (a *albums) newImageFolder(s kernel.Spec) (kernel.Kernel, error) {
	p := s.Parameters()
	dataset, folder := p.Text("dataset"), p.Text("folder")
	if (dataset == "") == (folder == "") {
		p.Failf("give either dataset or folder")
	}
	if err := p.Done(); err != nil {
		return nil, err
	}
	if err := checkSource(s, picture); err != nil {
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
	frames, err := a.pictures(folder, int(s.Out[0].Type.Shape[0]), int(s.Out[0].Type.Shape[1]))
	if err != nil {
		return nil, err
	}
	return &imageFolder{frames: frames}, nil
}

// pictureFiles returns the paths of a folder's pictures in the order of names.
func pictureFiles(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder) // sorted by name
	if err != nil {
		return nil, fmt.Errorf("%w: %w", kernel.ErrSource, err)
	}
	var files []string
	for _, e := range entries {
		if slices.Contains([]string{".png", ".jpg", ".jpeg"}, strings.ToLower(filepath.Ext(e.Name()))) {
			files = append(files, filepath.Join(folder, e.Name()))
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%w: folder %s has no .png, .jpg or .jpeg file", kernel.ErrSource, folder)
	}
	return files, nil
}

func decodeFile(path string, h, w int) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	img, _, err := image.Decode(f)
	if err != nil {
		return nil, err
	}
	if b := img.Bounds(); b.Dx() != w || b.Dy() != h {
		return nil, fmt.Errorf("the picture is %d wide and %d high; the out port expects %d wide and %d high: uint8[%d,%d,3]",
			b.Dx(), b.Dy(), w, h, h, w)
	}
	rgb := make([]byte, 3*h*w)
	writeRGB(rgb, img)
	return rgb, nil
}

// Fire copies the frame's picture.
func (k *imageFolder) Fire(f *kernel.Firing) error {
	copy(f.Out[0][0].Data, k.frames[f.Frame%int64(len(k.frames))])
	return nil
}

// Close does nothing.
func (k *imageFolder) Close() error { return nil }
