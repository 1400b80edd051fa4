package source

import (
	"errors"
	"fmt"
	"io"
	"sync"
)

// albums keeps decoded folders, so that every kernel of a registry that shows a folder
// shares its pictures. Those that no kernel shows are dropped when there are too many.
type albums struct {
	mu     sync.Mutex
	albums map[string]*album
}

// album is a folder decoded to a size.
type album struct {
	frames [][]byte
	bytes  int64
	used   int // by how many kernels
}

func newAlbums() *albums { return &albums{albums: map[string]*album{}} }

// decoded returns the frames of a folder, which nobody may change, and what to call when
// they are no longer used. room is how many bytes may be kept.
func (a *albums) decoded(r *folderReader, h, w int, room int64) (frames [][]byte, done func(), err error) {
	// A folder is the same one as long as its files' names, sizes and times are.
	o := r.o
	back := "default"
	if o.Background != nil {
		back = fmt.Sprint(*o.Background)
	}
	key := fmt.Sprintf("%s\x00%d %d %v %s %d %s\x00%v", r.folder, h, w, o.Stored, back, o.MaxPixels, o.Fit, r.files)
	a.mu.Lock()
	defer a.mu.Unlock()
	of := a.albums[key]
	if of == nil {
		of = &album{}
		for {
			frame := make([]byte, 3*h*w)
			if err := r.read(frame); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				return nil, nil, err
			}
			of.frames = append(of.frames, frame)
			of.bytes += int64(len(frame))
		}
		a.drop(room - of.bytes)
		a.albums[key] = of
	}
	of.used++
	return of.frames, func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		of.used--
	}, nil
}

// drop drops the albums that nobody uses if all have more bytes than that.
func (a *albums) drop(most int64) {
	for _, of := range a.albums {
		most -= of.bytes
	}
	for key, of := range a.albums {
		if of.used == 0 && most < 0 {
			most += of.bytes
			delete(a.albums, key)
		}
	}
}
