package models

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"
)

// free removes the parts that were uploaded longest ago, but for those that must stay, until
// there is room for what a transfer has still to move. It reports whether there may be some.
func (b *bucket) free(ctx context.Context, t *transfer, stay []part) (bool, error) {
	t.freeing.Lock()
	defer t.freeing.Unlock()
	info, err := b.stream.Info(ctx, jetstream.WithSubjectFilter(wire.BucketMeta+">"))
	if err != nil {
		return false, err
	}
	_, done := t.still()
	need := t.total - done
	need += need / overhead
	if limit := info.Config.MaxBytes; limit > 0 {
		need -= limit - int64(info.State.Bytes)
	}
	if need <= 0 {
		return true, nil // another part has made room just now
	}
	old, err := b.others(ctx, info, stay)
	if err != nil {
		return false, err
	}
	slices.SortFunc(old, func(a, b *jetstream.ObjectInfo) int { return a.ModTime.Compare(b.ModTime) })
	for _, info := range old {
		if need <= 0 {
			break
		}
		err := b.objects.Delete(ctx, info.Name)
		if err != nil && !errors.Is(err, jetstream.ErrObjectNotFound) {
			return false, err
		}
		need -= int64(info.Size)
		t.add(0)
	}
	return len(old) > 0, nil
}

// overhead is the part of what the store holds that is no part's data, at most: one of so many.
const overhead = 16

// encoded returns how the subject of an object's description has its name.
func encoded(name string) string { return base64.URLEncoding.EncodeToString([]byte(name)) }

// others returns all objects of a bucket, of which in lists the subjects, but for those of stay.
func (b *bucket) others(ctx context.Context, in *jetstream.StreamInfo, stay []part) ([]*jetstream.ObjectInfo, error) {
	keep := map[string]bool{}
	for _, p := range stay {
		keep[p.name] = true
	}
	var mu sync.Mutex
	var list []*jetstream.ObjectInfo
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(askedAtOnce)
	for subject := range in.State.Subjects {
		name, err := base64.URLEncoding.DecodeString(strings.TrimPrefix(subject, wire.BucketMeta))
		if err != nil || keep[string(name)] {
			continue // it is no object's, or must stay
		}
		g.Go(func() error {
			info, err := b.objects.GetInfo(ctx, string(name))
			if errors.Is(err, jetstream.ErrObjectNotFound) || errors.Is(err, jetstream.ErrBadObjectMeta) {
				return nil
			}
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			list = append(list, info)
			return nil
		})
	}
	return list, g.Wait()
}
