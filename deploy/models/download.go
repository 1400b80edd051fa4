package models

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"
)

// Fetch returns a sub-model that passes Check, from the cache as far as its parts are there,
// and keeps the others there. note gets what the user should know; it may be nil. Parts that the
// store lacks are a LackingError: all others are kept by then. Other errors wrap ErrStore or
// ErrModel, or are the cause of ctx.
func (s *Store) Fetch(ctx context.Context, m *wire.Model, cache *Cache, moved Moved, note func(string)) ([]byte,
	error) {
	whole := make([]byte, m.Bytes)
	missing, total := map[string][][]byte{}, int64(0) // where the parts belong that are not in the cache
	for i, name := range m.Parts {
		to := whole[extent(int64(i), m.Bytes):extent(int64(i)+1, m.Bytes)]
		if kept := cache.get(name); len(kept) == len(to) {
			copy(to, kept)
			continue
		}
		if missing[name] == nil {
			total += int64(len(to))
		}
		missing[name] = append(missing[name], to)
	}
	if len(missing) > 0 {
		unkept := &first{}
		err := s.fetchParts(ctx, missing, func(name string, data []byte) { unkept.set(cache.put(name, data)) },
			s.newTransfer(total, moved))
		unkept.set(cache.trim())
		if unkept.err != nil && note != nil {
			note(cache.unkept(unkept.err))
		}
		if err != nil {
			return nil, fmt.Errorf("%w %s: %w", ErrModel, m.SHA256, err)
		}
	}
	if is := digest(whole); is != m.SHA256 {
		return nil, fmt.Errorf("%w %s: its parts make one with SHA-256 %s", ErrModel, m.SHA256, is)
	}
	return whole, nil
}

// first is the first error of several goroutines.
type first struct {
	mu  sync.Mutex
	err error
}

func (f *first) set(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.err = err
	}
}

// fetchParts fills what belongs to the parts of each name, and calls keep with each.
func (s *Store) fetchParts(ctx context.Context, parts map[string][][]byte, keep func(name string, data []byte),
	t *transfer) error {
	lacks := &LackingError{Bucket: wire.Bucket}
	var b *bucket
	err := t.keepOn(ctx, func(ctx context.Context) (err error) {
		b, err = s.open(ctx)
		return err
	})
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		for name := range parts {
			lacks.Parts = append(lacks.Parts, wire.Lacking{Part: name})
		}
		return lacks
	}
	if err != nil {
		return err
	}
	var mu sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for name, to := range parts {
		g.Go(func() error {
			var lacking *LackingError
			switch err := s.fetchPart(ctx, b, name, to[0], t); {
			case errors.As(err, &lacking):
				mu.Lock()
				defer mu.Unlock()
				lacks.Parts = append(lacks.Parts, lacking.Parts...)
				return nil // the others are of use
			case err != nil:
				return err
			}
			for _, other := range to[1:] {
				copy(other, to[0])
			}
			keep(name, to[0])
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	if len(lacks.Parts) > 0 {
		return lacks
	}
	return nil
}

// fetchPart fills to with a part.
func (s *Store) fetchPart(ctx context.Context, b *bucket, name string, to []byte, t *transfer) error {
	var info *jetstream.ObjectInfo
	lacking := func(object string) error {
		return &LackingError{Bucket: wire.Bucket, Parts: []wire.Lacking{{Part: name, Object: object}}}
	}
	err := t.keepOn(ctx, func(ctx context.Context) (err error) {
		info, err = b.objects.GetInfo(ctx, name)
		if errors.Is(err, jetstream.ErrObjectNotFound) || errors.Is(err, jetstream.ErrBadObjectMeta) ||
			errors.Is(err, jetstream.ErrBucketNotFound) {
			return lacking("")
		}
		return err
	})
	if err != nil {
		return err
	}
	subject := wire.BucketChunks + info.NUID
	for n, next := 0, uint64(1); n < len(to); {
		err := t.keepOn(ctx, func(ctx context.Context) error {
			msg, err := b.stream.GetMsg(ctx, next, jetstream.WithGetMsgSubject(subject))
			switch {
			case errors.Is(err, jetstream.ErrMsgNotFound):
				return lacking(info.NUID)
			case err != nil:
				return err
			case len(msg.Data) == 0 || len(msg.Data) > len(to)-n || msg.Sequence < next || msg.Subject != subject:
				return lacking(info.NUID)
			}
			n += copy(to[n:], msg.Data)
			next = msg.Sequence + 1
			t.add(int64(len(msg.Data)))
			return nil
		})
		if err != nil {
			return err
		}
	}
	if digest(to) != name {
		return lacking(info.NUID)
	}
	return nil
}
