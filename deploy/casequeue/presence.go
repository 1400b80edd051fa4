package casequeue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
)

// Presence is what a worker says of itself. Its field names are part of the interface.
type Presence struct {
	Name    string    `json:"name"`
	Host    string    `json:"host"`
	PID     int       `json:"pid"`
	Program string    `json:"program"`
	Slots   int       `json:"slots"`   // cases at a time
	Running int64     `json:"running"` // cases at present
	Done    int64     `json:"done"`    // results that it has stored
	Since   time.Time `json:"since"`
}

// Study is what the owner of a study says of it. Its field names are part of the interface.
type Study struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Host    string    `json:"host"` // of the owner
	PID     int       `json:"pid"`
	Program string    `json:"program"`
	State   string    `json:"state"` // see the constants
	What    string    `json:"what"`  // that is being done
	Done    int       `json:"done"`  // of that
	Total   int       `json:"total"`
	Cases   int       `json:"cases"`  // results that workers gave to this owner
	Failed  int       `json:"failed"` // of them
	Begun   time.Time `json:"begun"`
	Updated time.Time `json:"updated"`
}

// States of a study.
const (
	Running  = "running"
	Stopped  = "stopped"  // it goes on when its owner runs it again
	Finished = "finished" // all cases are there
	Lost     = "lost"     // its owner says nothing any more
)

// lostAfter is for how long an owner may say nothing.
const lostAfter = 15 * time.Second

// newPresence describes this worker.
func newPresence(q *Queue, slots int) Presence {
	host, _ := os.Hostname() // without it less is known
	return Presence{Name: q.name, Host: host, PID: os.Getpid(), Program: q.o.Program, Slots: slots,
		Since: time.Now().UTC()}
}

// present says that the worker lives, until it is over.
func (w *work) present(over <-chan struct{}) {
	id := nuid.Next()
	key := w.q.name + "." + id[len(id)-8:]
	say := func() {
		p := w.presence
		p.Running, p.Done = w.running.Load(), w.done.Load()
		_ = w.q.put(wire.WorkerBucket, key, &p) // lost: the next one
	}
	say()
	t := time.NewTicker(presenceInterval)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			say()
		case <-over:
			limited, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			if b, err := w.q.js.KeyValue(limited, wire.WorkerBucket); err == nil {
				_ = b.Delete(limited, key) // else it goes by its age
			}
			return
		}
	}
}

// put stores a value as JSON, once.
func (q *Queue) put(bucket, key string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_, err = q.js.Publish(ctx, "$KV."+bucket+"."+key, b)
	return err
}

// Announce says how far a study is. What is lost on the way is said by the next one.
func (q *Queue) Announce(s Study) {
	s.Program, s.Updated, s.PID = q.o.Program, time.Now().UTC(), os.Getpid()
	s.Host, _ = os.Hostname()
	if err := q.put(wire.StudyBucket, s.ID, &s); err != nil {
		q.tell("how far the study is could not be told to the %s: %v", q.Server(), err)
	}
}

// Mine reports whether a program is the one of this queue.
func (q *Queue) Mine(program string) bool { return program == q.o.Program }

// Status is what is known at a server. Its field names are part of the interface.
type Status struct {
	Server  string     `json:"server"`
	Queued  uint64     `json:"queued"`  // cases without a result, those that are being computed among them
	Results uint64     `json:"results"` // that are kept, of all studies and programs
	Studies []Study    `json:"studies"`
	Workers []Presence `json:"workers"`
}

// Status asks what studies and workers there are, in order of time and of name. A server that no
// study was run at has none.
func (q *Queue) Status(ctx context.Context) (*Status, error) {
	s := &Status{Server: q.Server(), Studies: []Study{}, Workers: []Presence{}}
	for name, to := range map[string]*uint64{wire.CaseStream: &s.Queued, "KV_" + wire.ResultBucket: &s.Results} {
		err := q.keepOn(ctx, func(ctx context.Context) error {
			stream, err := q.js.Stream(ctx, name)
			if errors.Is(err, jetstream.ErrStreamNotFound) {
				return nil
			}
			if err == nil {
				*to = stream.CachedInfo().State.Msgs
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	if err := all(ctx, q, wire.StudyBucket, &s.Studies); err != nil {
		return nil, err
	}
	now := time.Now()
	for i := range s.Studies {
		if x := &s.Studies[i]; x.State == Running && now.Sub(x.Updated) > lostAfter {
			x.State = Lost
		}
	}
	slices.SortFunc(s.Studies, func(a, b Study) int { return a.Begun.Compare(b.Begun) })
	if err := all(ctx, q, wire.WorkerBucket, &s.Workers); err != nil {
		return nil, err
	}
	slices.SortFunc(s.Workers, func(a, b Presence) int {
		if a.Name == b.Name {
			return a.Since.Compare(b.Since)
		}
		return strings.Compare(a.Name, b.Name)
	})
	return s, nil
}

// all reads the values of a bucket, without a consumer, which not everybody may make.
func all[T any](ctx context.Context, q *Queue, bucket string, to *[]T) error {
	return q.keepOn(ctx, func(ctx context.Context) error {
		*to = (*to)[:0]
		s, err := q.js.Stream(ctx, "KV_"+bucket)
		if errors.Is(err, jetstream.ErrStreamNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		info, err := s.Info(ctx, jetstream.WithSubjectFilter("$KV."+bucket+".>"))
		if err != nil {
			return err
		}
		for subject := range info.State.Subjects {
			m, err := s.GetLastMsgForSubject(ctx, subject)
			if errors.Is(err, jetstream.ErrMsgNotFound) {
				continue // it has just gone by its age
			}
			if err != nil {
				return err
			}
			var v T
			if len(m.Data) > 0 && json.Unmarshal(m.Data, &v) == nil { // others are marks of deletion, or no one's
				*to = append(*to, v)
			}
		}
		return nil
	})
}

// checkProgram refuses a worker where all studies under way are of other programs.
func (q *Queue) checkProgram(ctx context.Context) error {
	var studies []Study
	if err := all(ctx, q, wire.StudyBucket, &studies); err != nil {
		return err
	}
	var other *Study
	for i, s := range studies {
		switch {
		case s.State != Running || time.Since(s.Updated) > lostAfter:
		case s.Program == q.o.Program:
			return nil
		default:
			other = &studies[i]
		}
	}
	if other == nil {
		return nil
	}
	return fmt.Errorf("%w: study %s of %s is run by %s, and this worker is %s; results of two programs are not put "+
		"together: start the same program here (edgeprune --version says which one it is)", ErrProgram, other.Name,
		other.Host, other.Program, q.o.Program)
}
