package planfile

import (
	"fmt"
	"slices"
	"strings"
)

// PartSpec is one part of a model that is divided by branches, as written: the
// nodes that compute the tensors of Makes and that no part before it holds. The
// last part may leave them out and gets all nodes that are left.
type PartSpec struct {
	Name  string   `yaml:"name"`
	Makes []string `yaml:"makes,omitempty"`
}

// checkParts reports what is wrong with the names of the parts of actor i.
func (f *File) checkParts(i int) []error {
	var errs []error
	a := &f.Application.Actors[i]
	for k, p := range a.Parts {
		path := fmt.Sprintf("$.application.actors[%d].parts[%d]", i, k)
		same := func(o PartSpec) bool { return o.Name == p.Name }
		if p.Name == "" || strings.ContainsAny(p.Name, ". */>[]:") || slices.ContainsFunc(a.Parts[:k], same) {
			errs = append(errs, f.Errorf(path+".name", "%w: part name %q of actor %s must be unique, not empty and "+
				"without dots, spaces, slashes, brackets, colons, '*' and '>'", ErrActor, p.Name, a.Name))
		}
		if len(p.Makes) == 0 && k < len(a.Parts)-1 {
			errs = append(errs, f.Errorf(path, "%w: part %s of actor %s makes nothing; only the last part may leave out makes",
				ErrActor, p.Name, a.Name))
		}
	}
	return errs
}
