package coordinator

import (
	"fmt"

	"github.com/edgeprune/edgeprune/deploy/models"
	"github.com/edgeprune/edgeprune/deploy/wire"
)

// storedAgain is how often, in a load, sub-models are uploaded again that an agent says the object
// store lacks: what is lost as often won't stay.
const storedAgain = 2

// upload puts the plan's sub-models into the object store, as far as they are not there yet. It
// returns by device and actor which one it runs.
func (r *run) upload() (map[int]map[int]wire.Model, error) {
	all, ofActor, err := r.segments()
	if err != nil || len(all) == 0 {
		return nil, err
	}
	byDevice := make(map[int]map[int]wire.Model)
	for a, i := range ofActor {
		m := models.Describe(all[i])
		for _, device := range r.runs(a) {
			if byDevice[device] == nil {
				byDevice[device] = make(map[int]wire.Model)
			}
			byDevice[device][a] = m
		}
	}
	return byDevice, r.store(all, nil)
}

// uploadAgain puts parts into the object store that an agent could not get from it.
func (r *run) uploadAgain(lacking []wire.Lacking) error {
	r.storing.Lock() // one at a time sees what others have mended
	defer r.storing.Unlock()
	all, _, err := r.segments()
	if err != nil {
		return err
	}
	return r.store(all, lacking)
}

func (r *run) store(all [][]byte, lacking []wire.Lacking) error {
	return models.NewStore(r.nc, r.driver.Store).Upload(r.ctx, all, lacking, func(done, total int64) {
		r.moved("", done, total)
	})
}

// moved tells of sub-models that are on their way to a device, or to the object store if it has
// no name.
func (r *run) moved(device string, done, total int64) {
	if total > 0 && r.driver.Moved != nil {
		r.driver.Moved(device, done, total)
	}
}

// segments returns the plan's sub-models, and by actor which one it runs.
func (r *run) segments() (all [][]byte, ofActor map[int]int, err error) {
	type segment struct {
		model, section string
	}
	index := make(map[segment]int)
	ofActor = make(map[int]int)
	for a, w := range r.plan.Work {
		if w.Model == "" {
			continue
		}
		s := segment{w.Model, w.Section()}
		if _, known := index[s]; !known {
			model, err := r.driver.Models.Segment(r.plan, a)
			if err != nil {
				return nil, nil, fmt.Errorf("device %s: actor %s: %w", r.name(w.Device), r.plan.Graph.Actors[a].Name, err)
			}
			index[s] = len(all)
			all = append(all, model)
		}
		ofActor[a] = index[s]
	}
	return all, ofActor, nil
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
