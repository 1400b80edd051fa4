package casequeue

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go/jetstream"
)

// Upload stores what cases are made of, unless it is there, and returns its name, its SHA-256.
func (q *Queue) Upload(ctx context.Context, data []byte) (string, error) {
	sum := sha256.Sum256(data)
	name := hex.EncodeToString(sum[:])
	chunk, err := q.chunkBytes()
	if err != nil {
		return "", q.failed(err)
	}
	return name, q.keepOn(ctx, func(ctx context.Context) error {
		store, err := q.js.ObjectStore(ctx, wire.BundleBucket)
		if err != nil {
			return err
		}
		info, err := store.GetInfo(ctx, name)
		if err == nil && info.Size == uint64(len(data)) {
			return nil
		}
		_, err = store.Put(ctx, jetstream.ObjectMeta{Name: name,
			Opts: &jetstream.ObjectMetaOptions{ChunkSize: chunk}}, bytes.NewReader(data))
		return err
	})
}

// Download returns what Upload has stored under a name. Errors wrap ErrBundle where it is not
// there or has another content.
func (q *Queue) Download(ctx context.Context, name string) ([]byte, error) {
	var data []byte
	err := q.keepOn(ctx, func(ctx context.Context) error {
		store, err := q.js.ObjectStore(ctx, wire.BundleBucket)
		if err != nil {
			return err
		}
		data, err = store.GetBytes(ctx, name)
		return err
	})
	if errors.Is(err, jetstream.ErrObjectNotFound) || errors.Is(err, jetstream.ErrDigestMismatch) {
		return nil, fmt.Errorf("%w %.12s: the %s does not have it whole; run the study again", ErrBundle, name, q.Server())
	}
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != name {
		return nil, fmt.Errorf("%w %.12s: it has another content at the %s", ErrBundle, name, q.Server())
	}
	return data, nil
}
