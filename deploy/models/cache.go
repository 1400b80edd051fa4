package models

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	// DefaultCacheBytes is how much of sub-models a device keeps unless it is told otherwise.
	DefaultCacheBytes = 2 << 30

	temporary = ".tmp"    // ends the names of files that are being written
	abandoned = time.Hour // after which nobody writes such a file any more
)

// Cache is a folder of parts of sub-models, a file each, that agents of one machine may share.
// A nil Cache keeps nothing.
type Cache struct {
	dir   string
	limit int64
}

// NewCache returns the cache in a folder, which is made when the first part is kept. It
// keeps at most limit bytes, those that were used last; 0 is DefaultCacheBytes.
func NewCache(dir string, limit int64) *Cache {
	if limit == 0 {
		limit = DefaultCacheBytes
	}
	return &Cache{dir: dir, limit: limit}
}

// get returns a part, nil if it isn't there. One that is damaged is removed.
func (c *Cache) get(name string) []byte {
	if c == nil {
		return nil
	}
	path := filepath.Join(c.dir, name)
	b, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	if digest(b) != name {
		_ = os.Remove(path) // it is written again
		return nil
	}
	now := time.Now()
	_ = os.Chtimes(path, now, now) // else it is removed earlier
	return b
}

// put keeps a part. It is not synced to the disk: a part that was lost there is fetched again,
// as its digest is compared whenever it is read.
func (c *Cache) put(name string, data []byte) error {
	if c == nil {
		return nil
	}
	err := os.MkdirAll(c.dir, 0o700)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(c.dir, name+".*"+temporary)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), filepath.Join(c.dir, name))
	}
	if err != nil {
		_ = os.Remove(f.Name()) // trim removes it later
	}
	return err
}

// trim removes the parts that were used longest ago, as far as there are more bytes than the
// limit.
func (c *Cache) trim() error {
	if c == nil {
		return nil
	}
	entries, err := os.ReadDir(c.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var files []fs.FileInfo
	var bytes int64
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() {
			continue // another agent has just removed it
		}
		if strings.HasSuffix(info.Name(), temporary) {
			if time.Since(info.ModTime()) > abandoned {
				_ = os.Remove(filepath.Join(c.dir, info.Name())) // else the next time
			}
			continue
		}
		files = append(files, info)
		bytes += info.Size()
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	for _, info := range files {
		if bytes <= c.limit {
			break
		}
		err := os.Remove(filepath.Join(c.dir, info.Name()))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		bytes -= info.Size()
	}
	return nil
}

// unkept says that a sub-model has to be fetched again the next time.
func (c *Cache) unkept(err error) string {
	return fmt.Sprintf("sub-models can't be kept in %s, and are fetched again when they are loaded: %v", c.dir, err)
}
