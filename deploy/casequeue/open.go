package casequeue

import (
	"context"
	"errors"
	"time"

	"github.com/edgeprune/edgeprune/deploy/transport"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go/jetstream"
)

// presenceTTL is for how long a worker that says nothing counts as alive.
const presenceTTL = 4 * presenceInterval

// Open makes the queue, the buckets and the consumer at the server, as far as they are not
// there. Errors are as of Dial.
func (q *Queue) Open(ctx context.Context) error { return q.keepOn(ctx, q.open) }

func (q *Queue) open(ctx context.Context) error {
	_, err := q.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: wire.CaseStream, Description: "cases of studies of Edge-PRUNE", Subjects: []string{wire.CaseSubjects},
		Retention: jetstream.WorkQueuePolicy, Storage: jetstream.FileStorage, MaxAge: keepCases,
		// A case that is queued again while it is there is refused, not doubled.
		MaxMsgsPerSubject: 1, Discard: jetstream.DiscardNew, DiscardNewPerSubject: true,
	})
	if err != nil {
		return err
	}
	for _, c := range []jetstream.KeyValueConfig{
		{Bucket: wire.ResultBucket, Description: "results of cases of Edge-PRUNE by program and content hash"},
		{Bucket: wire.StudyBucket, Description: "progress of studies of Edge-PRUNE", TTL: keepCases},
		{Bucket: wire.AttemptBucket, Description: "cases of Edge-PRUNE that were begun again", TTL: keepCases},
		{Bucket: wire.WorkerBucket, Description: "workers of Edge-PRUNE that live", TTL: presenceTTL},
	} {
		c.Storage = jetstream.FileStorage
		if _, err := q.js.CreateKeyValue(ctx, c); err != nil && !errors.Is(err, jetstream.ErrBucketExists) {
			return err
		}
	}
	_, err = q.js.CreateObjectStore(ctx, jetstream.ObjectStoreConfig{
		Bucket: wire.BundleBucket, Description: "what cases of Edge-PRUNE are of, by SHA-256", TTL: keepBundles,
		Storage: jetstream.FileStorage,
	})
	if err != nil && !errors.Is(err, jetstream.ErrBucketExists) {
		return err
	}
	_, err = q.js.CreateOrUpdateConsumer(ctx, wire.CaseStream, jetstream.ConsumerConfig{
		Durable: wire.CaseConsumer(q.program), Description: q.o.Program,
		FilterSubject: wire.CaseSubject(q.program, ">"), AckPolicy: jetstream.AckExplicitPolicy, AckWait: q.o.AckWait,
		// Deliveries are counted by who takes a case: one that the server stops to deliver
		// would stay in a work queue without an end.
		MaxDeliver: -1, MaxAckPending: -1, MaxWaiting: 1 << 16, InactiveThreshold: keepConsumer,
	})
	return err
}

// chunkBytes is the size of the messages that carry a bundle.
func (q *Queue) chunkBytes() (uint32, error) {
	limit, err := transport.Limit(q.nc)
	return uint32(min(limit-limit/8, 128<<10)), err
}

// presenceInterval is how often workers say that they live.
const presenceInterval = 3 * time.Second
