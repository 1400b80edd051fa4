package models

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"
)

// part is one that is to be in the store.
type part struct {
	name        string // its SHA-256
	data        []byte
	description string
}

// parts returns those of sub-models, each once.
func parts(all [][]byte) []part {
	var list []part
	seen := map[string]bool{}
	for _, data := range all {
		m := Describe(data)
		for i, name := range m.Parts {
			if seen[name] {
				continue
			}
			seen[name] = true
			list = append(list, part{name, data[extent(int64(i), m.Bytes):extent(int64(i)+1, m.Bytes)],
				fmt.Sprintf("part %d of %d of the sub-model with SHA-256 %s", i+1, len(m.Parts), m.SHA256)})
		}
	}
	return list
}

// Upload puts sub-models into the store, but for parts that are there. Where a name has another
// object, or one that lacking says is damaged, it is replaced. The bucket is made
// if there is none; of one that is full, the oldest parts go. An Upload that broke off goes on
// where it was. Errors wrap ErrStore, or are the cause of ctx.
func (s *Store) Upload(ctx context.Context, models [][]byte, lacking []wire.Lacking, moved Moved) error {
	all := parts(models)
	damaged := map[string]string{}
	for _, l := range lacking {
		damaged[l.Part] = l.Object
	}
	asking := s.newTransfer(0, nil)
	var b *bucket
	err := asking.keepOn(ctx, func(ctx context.Context) (err error) {
		b, err = s.make(ctx)
		return err
	})
	if err != nil {
		return err
	}
	missing, err := s.missing(ctx, asking, b, all, damaged)
	if err != nil {
		return err
	}
	total := int64(0)
	for _, p := range missing {
		total += int64(len(p.data))
	}
	t := s.newTransfer(total, moved)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for _, p := range missing {
		g.Go(func() error { return s.send(ctx, t, b, all, p, damaged) })
	}
	return g.Wait()
}

// missing returns the parts that are to be uploaded.
func (s *Store) missing(ctx context.Context, t *transfer, b *bucket, all []part, damaged map[string]string) ([]part,
	error) {
	there := make([]bool, len(all))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(askedAtOnce)
	for i, p := range all {
		g.Go(func() error {
			return t.keepOn(ctx, func(ctx context.Context) (err error) {
				there[i], err = b.has(ctx, p, damaged)
				t.add(0)
				return err
			})
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	var list []part
	for i, p := range all {
		if !there[i] {
			list = append(list, p)
		}
	}
	return list, nil
}

// has reports whether a part is in the store, as far as can be told without reading it.
func (b *bucket) has(ctx context.Context, p part, damaged map[string]string) (bool, error) {
	info, err := b.objects.GetInfo(ctx, p.name)
	switch {
	case errors.Is(err, jetstream.ErrObjectNotFound), errors.Is(err, jetstream.ErrBadObjectMeta):
		return false, nil
	case err != nil:
		return false, err
	case info.NUID == damaged[p.name] || info.Size != uint64(len(p.data)) || !hasDigest(info, p.name):
		return false, nil
	}
	n, err := b.chunks(ctx, info)
	return n == uint64(info.Chunks), err
}

// hasDigest reports whether an object has the digest that a name says.
func hasDigest(info *jetstream.ObjectInfo, name string) bool {
	sum, err := jetstream.DecodeObjectDigest(info.Digest)
	return err == nil && hex.EncodeToString(sum) == name
}

// chunks returns how many messages with chunks of an object there are.
func (b *bucket) chunks(ctx context.Context, info *jetstream.ObjectInfo) (uint64, error) {
	state, err := b.stream.Info(ctx, jetstream.WithSubjectFilter(wire.BucketChunks+info.NUID))
	if err != nil {
		return 0, err
	}
	return state.State.Subjects[wire.BucketChunks+info.NUID], nil
}

// send stores a part, for as long as something moves. The bucket is opened again after an error:
// the server may have lost it.
func (s *Store) send(ctx context.Context, t *transfer, b *bucket, all []part, p part, damaged map[string]string) error {
	tried := false
	err := t.keepOn(ctx, func(ctx context.Context) error {
		if tried {
			now, err := s.make(ctx)
			if err != nil {
				return err
			}
			b = now
			if has, err := b.has(ctx, p, damaged); has || err != nil {
				return err // it was stored, but the answer lost
			}
		}
		tried = true
		return s.put(ctx, t, b, all, p)
	})
	if err == nil {
		t.add(int64(len(p.data)))
	}
	return err
}

// put stores a part in place of what has its name. all are those that must stay.
func (s *Store) put(ctx context.Context, t *transfer, b *bucket, all []part, p part) error {
	chunk, err := s.chunkBytes()
	if err != nil {
		return err
	}
	meta := jetstream.ObjectMeta{Name: p.name, Description: p.description,
		Opts: &jetstream.ObjectMetaOptions{ChunkSize: chunk}}
	_, err = b.objects.Put(ctx, meta, bytes.NewReader(p.data))
	if e := answered(err); e != nil && full(e) {
		if room, failed := b.free(ctx, t, all); failed != nil || room {
			return errors.Join(errFreed, failed)
		}
	}
	if errors.Is(err, jetstream.ErrBadObjectMeta) { // which no library replaces
		return errors.Join(errFreed, b.stream.Purge(ctx, jetstream.WithPurgeSubject(wire.BucketMeta+encoded(p.name))))
	}
	return err
}
