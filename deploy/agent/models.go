package agent

import (
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"sync/atomic"

	"github.com/edgeprune/edgeprune/deploy/models"
	"github.com/edgeprune/edgeprune/deploy/wire"
)

// fetched is how many bytes of a session's sub-models have arrived, of how many, while they do.
type fetched struct{ done, total atomic.Int64 }

// modelFolder is that of parts of sub-models below Config.State. Agents of one folder share it.
const modelFolder = "models"

// distinct returns the sub-models of a load, each once.
func distinct(byActor map[int]wire.Model) (all []wire.Model) {
	known := map[string]bool{}
	for _, actor := range slices.Sorted(maps.Keys(byActor)) {
		if m := byActor[actor]; !known[m.SHA256] {
			known[m.SHA256] = true
			all = append(all, m)
		}
	}
	return all
}

// fetch gets the sub-models of a load by their SHA-256, from the folder of the agent's state as
// far as they are there. Parts that the object store lacks are a models.LackingError, of all
// sub-models together.
func (a *Agent) fetch(s *session, byActor map[int]wire.Model) (map[string][]byte, error) {
	var cache *models.Cache
	if a.cfg.State != "" {
		cache = models.NewCache(filepath.Join(a.cfg.State, modelFolder), a.cfg.CacheBytes)
	}
	store := models.NewStore(a.bulk, a.cfg.Store)
	got := map[string][]byte{}
	defer func() {
		s.fetched.done.Store(0)
		s.fetched.total.Store(0)
	}()
	var lacks *models.LackingError
	for _, m := range distinct(byActor) {
		if err := models.Check(&m); err != nil {
			return nil, err
		}
		before, of := s.fetched.done.Load(), s.fetched.total.Load()
		b, err := store.Fetch(s.ctx, &m, cache, func(done, total int64) {
			s.fetched.done.Store(before + done)
			s.fetched.total.Store(of + total)
		}, s.notes.add)
		var more *models.LackingError
		switch {
		case errors.As(err, &more) && lacks == nil:
			lacks = more
		case more != nil:
			lacks.Parts = append(lacks.Parts, more.Parts...)
		case err != nil:
			return nil, err
		}
		got[m.SHA256] = b
	}
	if lacks != nil {
		return nil, lacks
	}
	return got, nil
}
