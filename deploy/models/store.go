package models

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/edgeprune/edgeprune/deploy/transport"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	// DefaultTTL is how long a part stays in the store after it was uploaded.
	DefaultTTL = 7 * 24 * time.Hour
	// DefaultBytes is how much the store holds at most. A server with less room for
	// JetStream makes it smaller, down to LeastBytes.
	DefaultBytes = 4 << 30
	// LeastBytes is the smallest store that is made unless one is asked for.
	LeastBytes = 64 << 20
	// DefaultStill is how long nothing may move before a transfer ends.
	DefaultStill = 30 * time.Second

	// storeChunk is the size of the messages that a part is stored in, if the server takes
	// such: that of nats.go.
	storeChunk = 128 << 10
	// atOnce is how many parts move at a time: enough that round trips cost nothing, few enough
	// that they arrive in time over a slow link.
	atOnce = 3
	// askedAtOnce is how many parts are asked about at a time.
	askedAtOnce = 16
	// retries is how often in Options.Still at least what got no answer is asked for again.
	retries = 8
	again   = 200 * time.Millisecond // after which an attempt that failed is repeated
)

// Options say how an object store is reached, and what the one that is made holds. Zero
// values are the defaults.
type Options struct {
	Domain string        // of JetStream; "": that of the server that is connected to
	Still  time.Duration // without progress, after which a transfer ends; 0: DefaultStill

	// TTL and Bytes are of a bucket that Upload makes. An existing one is changed where one
	// of them is given.
	TTL   time.Duration // 0: DefaultTTL, or as it is
	Bytes int64         // 0: DefaultBytes, or as it is
}

// Store is the object store of sub-models at a NATS server. It is safe for concurrent use.
type Store struct {
	nc *nats.Conn
	o  Options
}

// NewStore returns the store that a connection reaches. Nothing is asked of the server yet.
func NewStore(nc *nats.Conn, o Options) *Store {
	if o.Still == 0 {
		o.Still = DefaultStill
	}
	return &Store{nc: nc, o: o}
}

// jetStream returns a client whose requests take no longer than something may stand still.
func (s *Store) jetStream() (jetstream.JetStream, error) {
	limit := jetstream.WithDefaultTimeout(s.o.Still)
	if s.o.Domain != "" {
		return jetstream.NewWithDomain(s.nc, s.o.Domain, limit)
	}
	return jetstream.New(s.nc, limit)
}

// bucket is the store as it was found: a stream for those who read chunks, objects for others.
type bucket struct {
	js      jetstream.JetStream
	stream  jetstream.Stream
	objects jetstream.ObjectStore
}

// open returns the bucket. An error is jetstream.ErrBucketNotFound if there is none.
func (s *Store) open(ctx context.Context) (*bucket, error) {
	js, err := s.jetStream()
	if err != nil {
		return nil, err
	}
	b := &bucket{js: js}
	if b.objects, err = js.ObjectStore(ctx, wire.Bucket); err != nil {
		return nil, err
	}
	b.stream, err = js.Stream(ctx, wire.BucketStream)
	return b, err
}

// make returns the bucket, which it makes if there is none.
func (s *Store) make(ctx context.Context) (*bucket, error) {
	b, err := s.open(ctx)
	switch {
	case errors.Is(err, jetstream.ErrBucketNotFound):
		return s.create(ctx)
	case err != nil:
		return nil, err
	}
	is := b.stream.CachedInfo().Config
	ttl, bytes := is.MaxAge, is.MaxBytes
	if s.o.TTL != 0 {
		ttl = s.o.TTL
	}
	if s.o.Bytes != 0 {
		bytes = s.o.Bytes
	}
	if ttl != is.MaxAge || bytes != is.MaxBytes {
		is.MaxAge, is.MaxBytes = ttl, bytes
		// The server takes no stream that remembers the ids of messages for longer than these.
		is.Duplicates = min(is.Duplicates, ttl)
		b.stream, err = b.js.UpdateStream(ctx, is)
	}
	return b, err
}

func (s *Store) create(ctx context.Context) (*bucket, error) {
	js, err := s.jetStream()
	if err != nil {
		return nil, err
	}
	cfg := jetstream.ObjectStoreConfig{
		Bucket: wire.Bucket, Description: "sub-models of Edge-PRUNE in parts by SHA-256",
		Storage: jetstream.FileStorage, // a server that is started again has it
		TTL:     s.o.TTL, MaxBytes: s.o.Bytes,
	}
	if cfg.TTL == 0 {
		cfg.TTL = DefaultTTL
	}
	if cfg.MaxBytes == 0 {
		cfg.MaxBytes = DefaultBytes
	}
	for {
		_, err := js.CreateObjectStore(ctx, cfg)
		if err == nil || errors.Is(err, jetstream.ErrBucketExists) { // another coordinator has made it just now
			return s.open(ctx)
		}
		if e := answered(err); s.o.Bytes != 0 || e == nil || !full(e) || cfg.MaxBytes/2 < LeastBytes {
			return nil, err
		}
		cfg.MaxBytes /= 2
	}
}

// chunkBytes returns the size of the messages that carry a part. A message that a reader gets
// has headers besides.
func (s *Store) chunkBytes() (uint32, error) {
	limit, err := transport.Limit(s.nc)
	return uint32(min(limit-limit/8, storeChunk)), err
}

// wrap says what an error is about.
func (s *Store) wrap(err error) error {
	return fmt.Errorf("%w %s: %w", ErrStore, wire.Bucket, s.explained(err))
}
