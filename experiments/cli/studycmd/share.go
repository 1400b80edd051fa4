package studycmd

import (
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/profile"
)

// share puts the links of a plan file on the medium of the base, if there is one.
func (l *loader) share(f *planfile.File) error {
	m := l.spec.Base.Medium
	if m == nil {
		return nil
	}
	for i := range f.Platform.Links {
		f.Platform.Links[i].Medium = m.Name
	}
	f.Platform.Media = []plan.Medium{*m}
	place := func(path, format string, args ...any) error {
		return l.spec.Errorf(strings.Replace(path, "$.base.media[0]", "$.base.medium", 1), format, args...)
	}
	return planfile.CheckMedia(f.Platform.Media, []plan.Link{{Medium: m.Name}}, "$.base", place)
}

func profileNames(all map[string]*profile.Profile) []string {
	var names []string
	for name := range all {
		if name != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
