package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/experiments/internal/linkprobe"
	"github.com/edgeprune/edgeprune/experiments/internal/profiles"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// nameLinks makes the paths absolute that the links of a platform name in a file. Processes of
// this machine can't be joined by a link that was measured elsewhere.
func (l *session) nameLinks(pf *plan.Platform, file string) error {
	for i := range pf.Links {
		of := &pf.Links[i]
		if of.Profile != "" && !l.simulates && !l.elsewhere() {
			return usage(fmt.Errorf("%s: link %s names a profile, and links on this machine are others; simulate by --driver "+
				"sim, or run on the devices by --testbed FILE", file, of.Name))
		}
		for _, path := range []*string{&of.Profile, &of.Trace} {
			if *path == "" || filepath.IsAbs(*path) {
				continue
			}
			abs, err := l.app.absolute(filepath.Join(filepath.Dir(file), *path))
			if err != nil {
				return err
			}
			*path = abs
		}
	}
	for i := range pf.Media {
		path := &pf.Media[i].Trace
		if *path == "" || filepath.IsAbs(*path) {
			continue
		}
		abs, err := l.app.absolute(filepath.Join(filepath.Dir(file), *path))
		if err != nil {
			return err
		}
		*path = abs
	}
	return nil
}

const (
	probeLimit   = 40 * time.Second // for one direction of a link
	leastLargest = 64 << 10         // bytes of the largest token that a link is measured with
)

// crossed is a link of plans and the largest token that crosses it, in bytes.
type crossed struct {
	between [2]string
	largest int64
}

// measuredLink is what a command knows of a link, and with tokens of at most how many bytes.
type measuredLink struct {
	link    *profile.Link
	largest int64
}

// crossings returns the links that tokens of plans cross, by their names.
func crossings(plans []*plan.Plan) map[string]crossed {
	all := map[string]crossed{}
	for _, p := range plans {
		for q, r := range p.Routes {
			if r < 0 {
				continue
			}
			of := &p.Platform.Links[r]
			all[of.Name] = crossed{[2]string{of.Between[0], of.Between[1]},
				max(all[of.Name].largest, p.Graph.Type(q).Bytes(), leastLargest)}
		}
	}
	return all
}

// measureLinks has l.links be what tokens cost on the links of a testbed that tokens of plans
// cross, by the links' names: as it is stored, or measured now and stored.
func (l *session) measureLinks(ctx context.Context, plans []*plan.Plan) error {
	if !l.elsewhere() {
		return nil
	}
	if l.links == nil {
		l.links, l.crossed = map[string]*profile.Link{}, map[[2]string]measuredLink{}
	}
	of := crossings(plans)
	for _, name := range slices.Sorted(maps.Keys(of)) {
		x := of[name]
		if known, ok := l.crossed[x.between]; !ok || known.largest < x.largest {
			link, err := l.measureLink(ctx, x)
			if err != nil {
				return err
			}
			l.crossed[x.between] = measuredLink{link, x.largest}
		}
		l.links[name] = l.crossed[x.between].link
	}
	return nil
}

// measureLink returns one link of a testbed.
func (l *session) measureLink(ctx context.Context, of crossed) (*profile.Link, error) {
	path := l.profilePath("link-" + of.between[0] + "-" + of.between[1])
	program := l.app.env.Revision.String()
	if !l.c.Bool("reprofile") {
		f, err := profiles.ReadLink(path)
		switch {
		case err == nil && f.Program == program && f.Between == of.between && f.Largest >= of.largest:
			return &f.Link, nil
		case err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, profiles.ErrFile):
			return nil, err
		}
	}
	d, err := l.deploy(ctx, nil, of.between[0], of.between[1])
	if err != nil {
		return nil, err
	}
	what := fmt.Sprintf("link of %s and %s", of.between[0], of.between[1])
	p := linkprobe.Prober{
		Driver: d, Between: of.between, Limit: probeLimit, Largest: of.largest,
		Begin: func(a linkprobe.Amount) {
			l.log.Logf("measure the %s: %.1f MB will be sent, which takes about %v", what, float64(a.Bytes)/1e6,
				a.Takes.Round(time.Second))
		},
		Step: l.log.Step,
	}
	link, err := p.Run(ctx)
	if err != nil {
		return nil, err
	}
	b, err := profiles.NewLinkFile(link, l.app.env.Now(), program, of.largest).Bytes()
	if err == nil {
		err = result.WriteFile(path, b)
	}
	return link, err
}

// traced returns what was read of the trace that a link names; nil: it was not.
func (l *session) traced(of *plan.Link) *profile.Link {
	link := l.costs(&profile.Profile{}).Links[of.Name]
	if link == nil || link.Trace != of.Trace {
		return nil
	}
	return link
}

// capacity returns that over time of a medium that names a trace; nil: it was not read.
func (l *session) capacity(of *plan.Medium) *profile.Rates {
	m := l.costs(&profile.Profile{}).Media[of.Name]
	if m == nil || m.Trace != of.Trace {
		return nil
	}
	return m.Rates
}

// linkRate returns at how many bytes per second tokens from a device pass a link, by the profile
// that the link names or else as it was measured by this command; 0: it is not known.
func (l *session) linkRate(link, from string) float64 {
	of := l.costs(&profile.Profile{Links: l.links}).Links[link]
	if of == nil {
		return 0
	}
	d := of.Direction(from)
	if d == nil {
		return 0
	}
	return d.BytesPerSec.Median
}
