package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/experiments/internal/profiles"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// name reads the profiles that the devices of a platform name in a file, and makes their paths
// absolute. Where every device names one and nothing is deployed, nothing else is needed: no
// model, data set, library or server.
func (l *session) name(pf *plan.Platform, file string) error {
	if err := l.nameLinks(pf, file); err != nil {
		return err
	}
	s, err := profiles.Named(pf, file)
	if err != nil {
		return usage(err)
	}
	for i := range pf.Devices {
		if p := &pf.Devices[i].Profile; *p != "" && !filepath.IsAbs(*p) {
			if *p, err = l.app.absolute(filepath.Join(filepath.Dir(file), *p)); err != nil {
				return err
			}
		}
	}
	l.named = s
	if !s.Any() {
		return nil
	}
	l.hollow = l.simulates && s.All() && !l.elsewhere()
	if !l.simulates && !l.elsewhere() {
		return usage(fmt.Errorf("%s: device %s names a profile, and devices on this machine are others; simulate by "+
			"--driver sim, or run on the devices by --testbed FILE", file, s.Profiled()[0]))
	}
	return nil
}

// skeletons are the models of an application as profiles have them, without their weights.
func (l *session) skeletons(app *planfile.Application, pos func(path string) graph.Pos) (compile.Models, error) {
	var names []string
	at := map[string]string{} // where the file names them
	for i, a := range app.Actors {
		if a.Model != "" && !slices.Contains(names, a.Model) {
			names = append(names, a.Model)
			at[a.Model] = pos(fmt.Sprintf("$.application.actors[%d].model", i)).File
		}
	}
	if err := l.named.CheckModels(l.atHand(names, at)); err != nil {
		return nil, usage(err)
	}
	found, err := l.named.Models(names)
	if err != nil {
		return nil, usage(err)
	}
	models := compile.Models{}
	for _, name := range names {
		if found[name] == nil {
			return nil, usage(fmt.Errorf("%w: no profile knows model %s: %s; profile the devices with it: edgeprune profile "+
				"--testbed FILE on what needs it", profile.ErrMissing, name, l.named))
		}
		m, err := compile.NewModel(found[name])
		if err != nil {
			return nil, usage(fmt.Errorf("model %s of the profiles: %w", name, err))
		}
		models[name] = m
	}
	return models, nil
}

// atHand returns the SHA-256 of those models whose files are here, by name; none is fetched.
func (l *session) atHand(names []string, at map[string]string) map[string]string {
	all := map[string]string{}
	for _, name := range names {
		path, err := modelFile(at[name], name, l.store.Path)
		if err != nil {
			continue
		}
		if b, err := os.ReadFile(path); err == nil {
			sum := sha256.Sum256(b)
			all[name] = hex.EncodeToString(sum[:])
		}
	}
	return all
}

// covers proves that the profiles that are named have all costs of the plans on their devices.
func (l *session) covers(plans []*plan.Plan) error {
	if l.named == nil || !l.named.Any() {
		return nil
	}
	if err := l.named.Covers(plans); err != nil {
		return usage(err)
	}
	return nil
}

// fresh proves that the devices of the testbed are what the profiles say that are named.
func (l *session) fresh(ctx context.Context) error {
	if l.named == nil || !l.named.Any() || !l.elsewhere() {
		return nil
	}
	d, err := l.remote(nil)
	if err != nil {
		return err
	}
	for _, name := range l.named.Profiled() {
		now, err := d.Fingerprint(ctx, name)
		if err != nil {
			return err
		}
		p, path := l.named.Device(name)
		if err := p.Check(path, now); err != nil {
			return usage(err)
		}
	}
	return nil
}

// costs returns what firings and messages cost, with the profiles that are named.
func (l *session) costs(p *profile.Profile) *profile.Profile {
	if l.named == nil || l.named.Empty() {
		return p
	}
	return l.named.Profile(p)
}

// notProfiled is what takes the place of what the machine costs where all devices have
// profiles.
func (l *session) notProfiled() *profile.Profile {
	return l.costs(&profile.Profile{Machine: l.named.String(), Entries: map[string]profile.Entry{}})
}

// predictedOn names what figures are of: this machine, or the devices of profiles alone.
func (l *session) predictedOn() string {
	if l.hollow {
		return "profiles of devices: " + l.named.String()
	}
	return l.machine
}

// simulatedFrom is the origin of what is simulated.
func (l *session) simulatedFrom() result.Origin {
	if l.hollow {
		link := "as the file says; what messages cost beside is not known and counts as 0"
		if of := l.named.Links(); len(of) > 0 {
			link = "as the files of links " + strings.Join(of, ", ") + " say; of others " + link
		}
		return result.Origin{Profile: l.predictedOn(), Link: link}
	}
	return l.here()
}
