package kernel

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/nearest"
)

// Registry knows how kernels are made, by name. Registering is not safe for
// concurrent use; making kernels is.
type Registry struct {
	makers map[string]New
}

// NewRegistry returns an empty registry. Most users start from builtin.Registry.
func NewRegistry() *Registry { return &Registry{makers: map[string]New{}} }

// Register adds a kernel. A name that is taken is ErrDuplicate.
func (r *Registry) Register(name string, n New) error {
	if _, ok := r.makers[name]; ok {
		return fmt.Errorf("%w: %q", ErrDuplicate, name)
	}
	r.makers[name] = n
	return nil
}

// New makes the named kernel for the actor that s describes. Errors name the
// actor and the kernel; a name that is not registered is ErrUnknown.
func (r *Registry) New(name string, s Spec) (Kernel, error) {
	n, ok := r.makers[name]
	if !ok {
		return nil, fmt.Errorf("actor %s: %w %q; known are %s%s", s.Actor, ErrUnknown, name,
			strings.Join(r.Names(), ", "), nearest.Hint(name, r.Names()))
	}
	var k Kernel
	var err error
	if isInner(s) {
		k, err = newInner(n, s)
	} else {
		k, err = n(s)
	}
	if err != nil {
		return nil, fmt.Errorf("actor %s (%s): %w", s.Actor, name, err)
	}
	return k, nil
}

// Names returns the registered names, sorted.
func (r *Registry) Names() []string { return slices.Sorted(maps.Keys(r.makers)) }
