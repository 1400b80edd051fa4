package runner

import (
	"github.com/edgeprune/edgeprune/core/summary"
)

// putResources puts what a run made of units, links, media and queues.
func putResources(put func(name string, of ...float64), run *summary.Run) {
	unit, link, mean, most := 0.0, 0.0, 0.0, 0
	for i := range run.Units {
		unit = max(unit, run.Units[i].Utilisation)
	}
	put("unit_utilisation", unit)
	for i := range run.Links {
		l := &run.Links[i]
		link, mean, most = max(link, l.Utilisation), max(mean, l.Queue), max(most, l.Most)
	}
	if len(run.Links) > 0 {
		put("link_utilisation", link)
	}
	medium := 0.0
	for i := range run.Media {
		medium = max(medium, run.Media[i].Utilisation)
	}
	if len(run.Media) > 0 {
		put("medium_utilisation", medium)
	}
	for i := range run.FIFOs {
		if f := &run.FIFOs[i]; f.Queue != nil {
			mean = max(mean, *f.Queue)
		}
		if f := &run.FIFOs[i]; f.Most != nil {
			most = max(most, *f.Most)
		}
	}
	for i := range run.Sources {
		mean, most = max(mean, run.Sources[i].Queue), max(most, run.Sources[i].Most)
	}
	put("queue_mean", mean)
	put("queue_max", float64(most))
}
