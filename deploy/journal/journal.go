// Package journal keeps what a run must not lose with the agent's process: what
// sinks recorded, snapshots of actors' states, delay tokens. It is an append-only
// file per run and device. It may not decide what is worth keeping nor for how long:
// the engine tells.
//
// A record that is reported as saved survives the end of the process, kill -9
// included, since the system has it. It survives the end of the machine only with
// Options.Sync. The end of the file may hold a part of a record, if the process was
// ended in the midst of a write: lengths and checksums tell, and it is cut off when the
// file is opened.
package journal

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Suffix ends the names of journals.
const Suffix = ".journal"

// Options says how a journal works. The zero value will do.
type Options struct {
	// Sync has the storage device confirm every write.
	Sync bool
	// BufferBytes bounds what waits to be written; 0 is 1 MiB. A record larger than
	// that waits alone.
	BufferBytes int
	// CompactBytes is the size below which a file is never compacted; 0 is 4 MiB.
	CompactBytes int64
	// FullFor is how long a full disk is waited for, while Append waits as the buffer is full;
	// 0 fails at once.
	FullFor time.Duration
	// Saved says that all records of an actor's firings before firings are saved. Calls
	// come one at a time, from a goroutine of the journal; what they wait for, Append
	// doesn't. nil: nobody cares.
	Saved func(actor int, firings int64)
	// Failed says why nothing more will be saved, once. nil: nobody cares.
	Failed func(error)
}

// Journal is an open journal. Its methods may be called from any goroutine.
type Journal struct {
	path string
	o    Options
	wg   sync.WaitGroup

	mu         sync.Mutex
	room       sync.Cond // something was taken out of pending
	work       sync.Cond // pending is no more empty, or the journal is closed
	unreported sync.Cond // reports is no more empty, or the writer has ended
	pending    []byte
	appended   []savedReport // of the records in pending
	reports    []savedReport // to be reported
	actors     map[int]*actorIndex
	live       int64 // bytes of records that are still asked for
	closed     bool
	over       bool // the writer has ended
	err        error

	// Of the writer alone.
	file  *os.File
	size  int64
	spare []byte
	taken []savedReport
}

// savedReport says how far an actor is saved.
type savedReport struct {
	actor   int
	firings int64
}

// actorIndex knows which records of an actor are still asked for.
type actorIndex struct {
	records  []recordInfo // ascending
	firings  int64        // one more than the last firing
	forgot   int64
	received int64
}

type recordInfo struct {
	firing int64
	bytes  int64
	result bool
}

// Open opens the journal at path, makes it if it is not there, and returns what it
// holds, which lies in memory of its own. Unless resume is set it begins empty. Errors
// wrap ErrLocked, ErrFormat or those of the file system.
func Open(path string, resume bool, o Options) (*Journal, *Contents, error) {
	if o.BufferBytes <= 0 {
		o.BufferBytes = 1 << 20
	}
	if o.CompactBytes <= 0 {
		o.CompactBytes = 4 << 20
	}
	err := os.MkdirAll(filepath.Dir(path), 0o700)
	var f *os.File
	if err == nil {
		f, err = open(path, 0)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("journal: %w", err)
	}
	j := &Journal{path: path, o: o, file: f, actors: map[int]*actorIndex{}}
	j.room.L, j.work.L, j.unreported.L = &j.mu, &j.mu, &j.mu
	c, err := j.begin(resume)
	if err != nil {
		_ = f.Close()
		return nil, nil, fmt.Errorf("journal %s: %w", path, err)
	}
	j.wg.Go(j.write)
	j.wg.Go(j.report)
	return j, c, nil
}

// begin reads the file and cuts off what is torn.
func (j *Journal) begin(resume bool) (*Contents, error) {
	var old []byte
	var err error
	if resume {
		if old, err = os.ReadFile(j.path); err != nil {
			return nil, err
		}
	}
	c, err := read(old)
	if err != nil {
		return nil, err
	}
	j.size = int64(len(old)) - c.Torn
	if err := j.file.Truncate(j.size); err != nil {
		return nil, err
	}
	if j.size < int64(len(magic)) {
		if _, err := j.file.WriteAt([]byte(magic), 0); err != nil {
			return nil, err
		}
		j.size = int64(len(magic))
	}
	for a, kept := range c.Actors {
		s := j.actorIndex(a)
		for _, r := range kept.Records {
			j.put(s, r.Firing, r.Parts)
		}
	}
	if j.o.Sync {
		return c, syncAll(j.file, j.path)
	}
	return c, nil
}

// Append saves what a firing of an actor left; Saved tells when it is. It copies
// parts, and waits only while the buffer is full. Firings of an actor come in
// ascending order; one that is saved already is just reported again. After a failure
// it does nothing, as Failed has told.
func (j *Journal) Append(actor int, firing int64, parts ...Part) error {
	n := sizeOf(parts)
	if n > maxRecord {
		return fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, n, maxRecord)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	for len(j.pending) > 0 && len(j.pending)+n > j.o.BufferBytes && !j.closed && j.err == nil {
		j.room.Wait()
	}
	if j.closed {
		return ErrClosed
	}
	if j.err != nil {
		return nil
	}
	s := j.actorIndex(actor)
	if firing >= s.firings {
		j.put(s, firing, parts)
		j.pending = appendRecord(j.pending, actor, firing, parts)
	}
	j.appended = append(j.appended, savedReport{actor, firing + 1})
	j.work.Signal()
	return nil
}

func (j *Journal) actorIndex(actor int) *actorIndex {
	s := j.actors[actor]
	if s == nil {
		s = &actorIndex{}
		j.actors[actor] = s
	}
	return s
}

func (j *Journal) put(s *actorIndex, firing int64, parts []Part) {
	i := recordInfo{firing: firing, bytes: int64(sizeOf(parts))}
	for _, p := range parts {
		i.result = i.result || p.Kind == Result
	}
	s.records = append(s.records, i)
	s.firings = firing + 1
	j.live += i.bytes
}

// Forget says that an actor will not be set back before firing: of the records
// of earlier firings only the last is kept, and results that Received does not
// cover.
func (j *Journal) Forget(actor int, firing int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	s := j.actorIndex(actor)
	s.forgot = max(s.forgot, firing)
	j.prune(s)
}

// Received says that the results of an actor's firings before firing are in
// safe hands.
func (j *Journal) Received(actor int, firing int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	s := j.actorIndex(actor)
	s.received = max(s.received, firing)
	j.prune(s)
}

// prune drops the records that nobody will ask for.
func (j *Journal) prune(s *actorIndex) {
	n := 0
	for n+1 < len(s.records) && s.records[n+1].firing < s.forgot &&
		(!s.records[n].result || s.records[n].firing < s.received) {
		j.live -= s.records[n].bytes
		n++
	}
	s.records = append(s.records[:0], s.records[n:]...)
}

// Close writes what waits, reports it and closes the file.
func (j *Journal) Close() error {
	j.mu.Lock()
	j.closed = true
	j.work.Broadcast()
	j.room.Broadcast()
	j.mu.Unlock()
	j.wg.Wait()
	_ = j.file.Close() // all is written
	return j.err
}

// Remove closes the journal and removes its file.
func (j *Journal) Remove() error {
	_ = j.Close() // nobody asks any more for what was not saved
	return os.Remove(j.path)
}
