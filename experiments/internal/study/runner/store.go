package runner

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
)

// File is a Store in a file of one JSON document a line, to which results are appended as
// they come. What a broken write has left of the last line is cut off.
type File struct {
	mu   sync.Mutex
	rows map[string]Row
	f    *os.File
}

// OpenFile opens a file of results, or makes one.
func OpenFile(path string) (*File, error) {
	s := &File{rows: map[string]Row{}}
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	whole := bytes.LastIndexByte(data, '\n') + 1
	for i, line := range bytes.SplitAfter(data[:whole], []byte("\n")) {
		if len(line) == 0 {
			continue
		}
		var r Row
		if err := json.Unmarshal(line, &r); err != nil {
			return nil, fmt.Errorf("%s:%d: no result of a case: %w; remove the file to begin again", path, i+1, err)
		}
		s.rows[r.Case] = r
	}
	if s.f, err = os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o644); err != nil {
		return nil, err
	}
	err = s.f.Truncate(int64(whole))
	if err == nil {
		_, err = s.f.Seek(int64(whole), 0)
	}
	if err != nil {
		return nil, errors.Join(err, s.f.Close())
	}
	return s, nil
}

// Len returns how many results are there.
func (s *File) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.rows)
}

// Get implements Store.
func (s *File) Get(hash string) (Row, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.rows[hash]
	return r, ok
}

// Put implements Store.
func (s *File) Put(r Row) error {
	line, err := json.Marshal(&r)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows[r.Case] = r
	_, err = s.f.Write(append(line, '\n'))
	return err
}

// Close ends the use of the file.
func (s *File) Close() error { return s.f.Close() }

// Nowhere is a Store that keeps nothing.
type Nowhere struct{}

// Get implements Store.
func (Nowhere) Get(string) (Row, bool) { return Row{}, false }

// Put implements Store.
func (Nowhere) Put(Row) error { return nil }
