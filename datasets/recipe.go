package datasets

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/edgeprune/edgeprune/core/nearest"
)

// recipe says how one data set is made.
type recipe struct {
	name, what, licence, source string
	maker                       string // of a model
	// dims are usual sizes of a model's symbolic dimensions.
	dims map[string]int64
	// pictures: it is a folder of them.
	pictures bool
	// version changes whenever build would give other files.
	version string
	// optional: fetched only by name, or for a data set that needs it.
	optional bool
	// needs names the data sets that build reads.
	needs []string
	// build fills the empty directory dir. Returning an error, or being
	// interrupted, discards dir.
	build func(ctx context.Context, s *Store, dir string) error
}

// registry returns all recipes, a needed one before those that need it.
func registry() []recipe {
	recipes := []recipe{packagesRecipe(), runtimeRecipe(), photographsRecipe(),
		faceModelRecipe(300), faceModelRecipe(512), faceClipRecipe(), stillClipRecipe()}
	recipes = append(recipes, vehicleRecipes()...)
	recipes = append(recipes, runtimeWheelRecipes()...)
	return append(recipes, publicModelRecipes()...)
}

func (s *Store) all() []recipe {
	if s.recipes != nil {
		return s.recipes
	}
	return registry()
}

func (s *Store) find(name string) (recipe, error) {
	var names []string
	for _, r := range s.all() {
		if r.name == name {
			return r, nil
		}
		names = append(names, r.name)
	}
	return recipe{}, fmt.Errorf("%w %q; known are: %s%s", ErrUnknown, name, strings.Join(names, ", "),
		nearest.Hint(name, names))
}

// stamp identifies what a build of r gives: its version and those of all that
// it needs.
func (s *Store) stamp(r recipe) (string, error) {
	h := sha256.New()
	fmt.Fprintf(h, "%s %s\n", r.name, r.version)
	for _, need := range r.needs {
		n, err := s.find(need)
		if err != nil {
			return "", fmt.Errorf("datasets: %s needs: %w", r.name, err)
		}
		inner, err := s.stamp(n)
		if err != nil {
			return "", err
		}
		fmt.Fprintln(h, inner)
	}
	return fmt.Sprintf("%s %s %x", r.name, r.version, h.Sum(nil)[:8]), nil
}
