package spec

import (
	"fmt"
	"maps"
	"slices"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/nearest"
)

// checkCuts checks an experiment that cuts its model.
func (s *Spec) checkCuts() error {
	if err := s.checkOneModel(); err != nil {
		return err
	}
	if err := s.checkLinksToServer(); err != nil {
		return err
	}
	if err := s.checkMeasuredFrames(); err != nil {
		return err
	}
	if s.Quality.Kind != "" {
		if err := s.checkQuality(); err != nil {
			return err
		}
	}
	return s.checkTogether()
}

// checkOneModel refuses an application with none or several models.
func (s *Spec) checkOneModel() error {
	models := 0
	for _, a := range s.Application.Actors {
		if a.Model != "" {
			models++
		}
	}
	if models != 1 {
		return s.Errorf("$.application.actors", "the application has %d models; a sweep cuts exactly one", models)
	}
	return nil
}

// checkLinksToServer refuses what only mappings can have.
func (s *Spec) checkLinksToServer() error {
	if len(s.Gateways) > 0 {
		return s.Errorf("$.gateways", "gateways take part in mappings only; add mappings, or remove gateways")
	}
	for i, l := range s.Links {
		if len(l.Between) != 0 {
			return s.Errorf(fmt.Sprintf("$.links[%d].between", i),
				"a link of an experiment joins every endpoint to the server; remove between")
		}
	}
	return nil
}

// checkMeasuredFrames checks the frames of a kind that measures throughput apart.
func (s *Spec) checkMeasuredFrames() error {
	w := s.Workload
	if w.MinFrames < 1 || w.MaxFrames < w.MinFrames || w.ThroughputFrames < 2 || w.Precision <= 0 {
		return s.Errorf("$.workload", "expected 1 <= min_frames <= max_frames, throughput_frames >= 2 and precision > 0")
	}
	return nil
}

// checkQuality checks the kind of quality.
func (s *Spec) checkQuality() error {
	if q := s.Quality.Kind; len(qualities[q]) == 0 {
		return s.Errorf("$.quality.kind", "quality kind %q; expected tracking or classification%s", q,
			nearest.Hint(q, slices.Sorted(maps.Keys(qualities))))
	}
	return nil
}

func (s *Spec) checkTogether() error {
	t := s.Together
	var links []string
	for i := range s.Links {
		links = append(links, s.Links[i].Name)
	}
	if !slices.Contains(links, t.Link) {
		return s.Errorf("$.together.link", "there is no link %q; expected one of those under links%s", t.Link,
			nearest.Hint(t.Link, links))
	}
	if _, err := codec.Parse(t.Codec); err != nil {
		return s.Errorf("$.together.codec", "%w", err)
	}
	if t.Frames < 1 {
		return s.Errorf("$.together.frames", "%d frames; expected at least 1", t.Frames)
	}
	return nil
}
