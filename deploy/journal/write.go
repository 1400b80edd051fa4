package journal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// write writes what has been appended, all that waits in one go.
func (j *Journal) write() {
	j.mu.Lock()
	defer j.mu.Unlock()
	for {
		for len(j.appended) == 0 && !j.closed {
			j.work.Wait()
		}
		if len(j.appended) == 0 {
			break
		}
		batch, appended := j.pending, j.appended
		j.pending, j.appended = j.spare[:0], j.taken[:0]
		j.room.Broadcast()
		j.mu.Unlock()
		err := j.flush(batch)
		j.mu.Lock()
		j.spare, j.taken = batch, appended
		if err != nil {
			j.err = fmt.Errorf("journal %s: %w", j.path, err)
			break
		}
		j.reports = append(j.reports, appended...)
		j.unreported.Signal()
		if j.size > j.o.CompactBytes && j.live < j.size/2 {
			if err := j.compact(); err != nil {
				j.err = fmt.Errorf("journal %s: compact: %w", j.path, err)
				break
			}
		}
	}
	j.over = true
	j.unreported.Signal()
	j.room.Broadcast()
}

func (j *Journal) flush(batch []byte) error {
	if len(batch) == 0 {
		return nil
	}
	full := time.Now().Add(j.o.FullFor)
	n, err := writeAll(j.file, j.size, batch, func() bool {
		time.Sleep(fullEvery)
		j.mu.Lock()
		defer j.mu.Unlock()
		return !j.closed && time.Now().Before(full)
	})
	j.size += int64(n)
	if err == nil && j.o.Sync {
		err = j.file.Sync()
	}
	return err
}

// fullEvery is how often a write that had no room is tried again.
const fullEvery = 100 * time.Millisecond

// writeAll writes at an offset, and goes on after a write that had no room for as long as wait
// returns true. It returns how many bytes are written.
func writeAll(w io.WriterAt, at int64, batch []byte, wait func() bool) (int, error) {
	for written := 0; ; {
		n, err := w.WriteAt(batch[written:], at+int64(written))
		written += n
		if !errors.Is(err, syscall.ENOSPC) || !wait() {
			return written, err
		}
	}
}

// report says what is saved, in a goroutine of its own, so that who is told may
// wait for who appends.
func (j *Journal) report() {
	j.mu.Lock()
	defer j.mu.Unlock()
	var reports []savedReport
	for {
		for len(j.reports) == 0 && !j.over {
			j.unreported.Wait()
		}
		if len(j.reports) == 0 {
			break
		}
		reports, j.reports = j.reports, reports[:0]
		j.mu.Unlock()
		for _, n := range reports {
			if j.o.Saved != nil {
				j.o.Saved(n.actor, n.firings)
			}
		}
		j.mu.Lock()
	}
	if err := j.err; err != nil && j.o.Failed != nil {
		j.mu.Unlock()
		j.o.Failed(err)
		j.mu.Lock()
	}
}

// compact puts a file of the records that are still asked for in the place of the
// journal's. It is called with the mutex, and gives it up meanwhile.
func (j *Journal) compact() error {
	from := make(map[int]int64, len(j.actors)) // the first firing to keep
	for a, s := range j.actors {
		if len(s.records) > 0 {
			from[a] = s.records[0].firing
		}
	}
	j.mu.Unlock()
	defer j.mu.Lock()
	old, err := os.ReadFile(j.path)
	if err != nil {
		return err
	}
	kept := append(make([]byte, 0, j.size/2), magic...)
	scan(old[len(magic):], func(actor int, r Record, frame []byte) bool {
		if r.Firing >= from[actor] {
			kept = append(kept, frame...)
		}
		return true
	})
	temp := j.path + ".new"
	f, err := open(temp, os.O_TRUNC)
	if err != nil {
		return err
	}
	if _, err = f.Write(kept); err == nil && j.o.Sync {
		err = f.Sync()
	}
	if err == nil {
		err = os.Rename(temp, j.path)
	}
	if err == nil && j.o.Sync {
		err = syncAll(f, j.path)
	}
	if err != nil {
		_ = f.Close()
		_ = os.Remove(temp)
		return err
	}
	_ = j.file.Close() // it has no name any more
	j.file, j.size = f, int64(len(kept))
	return nil
}

// syncAll has the storage device confirm a file and its name.
func syncAll(f *os.File, path string) error {
	if err := f.Sync(); err != nil {
		return err
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
