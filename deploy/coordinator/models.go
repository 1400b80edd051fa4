package coordinator

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/edgeprune/edgeprune/deploy/transport"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/nats-io/nats.go/jetstream"
)

// storeChunk is the size of the messages that a sub-model is stored in, if the server
// takes such: that of nats.go.
const storeChunk = 128 << 10

// upload puts the plan's sub-models into the object store, by SHA-256, as far as
// they are not there yet, trying again for as long as the patience lasts. It returns
// by device and actor which one it runs.
func (r *run) upload() (map[int]map[int]string, error) {
	deadline := time.Now().Add(r.driver.Patience)
	for {
		models, err := r.uploadOnce()
		if !errors.Is(err, errStore) || transport.Refused(r.nc, err) || time.Now().After(deadline) {
			return models, err
		}
		select {
		case <-r.ctx.Done():
			return nil, context.Cause(r.ctx)
		case <-time.After(reconnectWait):
		}
	}
}

func (r *run) uploadOnce() (map[int]map[int]string, error) {
	type segment struct {
		model, section string
	}
	var (
		byDevice = make(map[int]map[int]string)
		digests  = make(map[segment]string)
		store    jetstream.ObjectStore
	)
	for a, w := range r.plan.Work {
		if w.Model == "" {
			continue
		}
		s := segment{w.Model, w.Section()}
		if digests[s] == "" {
			model, err := r.driver.Models.Segment(r.plan, a)
			if err != nil {
				return nil, fmt.Errorf("device %s: actor %s: %w", r.name(w.Device), r.plan.Graph.Actors[a].Name, err)
			}
			if store == nil {
				if store, err = r.store(); err != nil {
					return nil, err
				}
			}
			if digests[s], err = r.put(store, model); err != nil {
				return nil, err
			}
		}
		for _, device := range r.runs(a) {
			if byDevice[device] == nil {
				byDevice[device] = make(map[int]string)
			}
			byDevice[device][a] = digests[s]
		}
	}
	return byDevice, nil
}

// runs returns the devices that run an actor: its own, and one that takes it over.
func (r *run) runs(actor int) []int {
	devices := []int{r.plan.Work[actor].Device}
	for _, s := range r.slices {
		if s.Alone == nil {
			continue
		}
		for _, sa := range s.Alone.Actors {
			if sa.Actor == actor {
				devices = append(devices, r.plan.Platform.Device(s.Device))
			}
		}
	}
	return devices
}

func (r *run) store() (jetstream.ObjectStore, error) {
	js, err := jetstream.New(r.nc)
	if err == nil {
		var s jetstream.ObjectStore
		if s, err = js.ObjectStore(r.ctx, wire.Bucket); errors.Is(err, jetstream.ErrBucketNotFound) {
			s, err = js.CreateObjectStore(r.ctx, jetstream.ObjectStoreConfig{
				// a server that is started again has it
				Bucket: wire.Bucket, Description: "sub-models by SHA-256", Storage: jetstream.FileStorage,
			})
		}
		if err == nil {
			return s, nil
		}
	}
	return nil, fmt.Errorf("%w %s: %w", errStore, wire.Bucket, transport.StoreError(r.nc, err))
}

// put stores a model unless it is there, and returns its SHA-256.
func (r *run) put(store jetstream.ObjectStore, model []byte) (string, error) {
	sum := sha256.Sum256(model)
	sha := hex.EncodeToString(sum[:])
	_, err := store.GetInfo(r.ctx, sha)
	if errors.Is(err, jetstream.ErrObjectNotFound) {
		var limit int64
		if limit, err = transport.Limit(r.nc); err == nil {
			meta := jetstream.ObjectMeta{Name: sha, Opts: &jetstream.ObjectMetaOptions{
				ChunkSize: uint32(min(limit, storeChunk)),
			}}
			_, err = store.Put(r.ctx, meta, bytes.NewReader(model))
		}
	}
	if err != nil {
		return "", fmt.Errorf("%w %s: sub-model %s: %w", errStore, wire.Bucket, sha, transport.StoreError(r.nc, err))
	}
	return sha, nil
}
