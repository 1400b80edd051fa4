package ort

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/datasets/cachedir"
)

// keeps are the options by which providers keep what they compile: the one that names the
// folder, and others that have to be set with it.
var keeps = map[string]struct {
	folder string
	with   map[string]string
}{
	"openvino": {"cache_dir", nil},
	"tensorrt": {"trt_engine_cache_path", map[string]string{"trt_engine_cache_enable": "1"}},
}

// keepCompiled has a provider keep what it compiles in a folder of the cache, by version of
// the library, unless the options say where. An empty folder keeps nothing. What is kept
// carries digests of the model and the device: the provider makes it anew where they differ.
func keepCompiled(p plan.Provider) (plan.Provider, error) {
	k, ok := keeps[p.Name]
	if !ok {
		return p, nil
	}
	given, said := p.Options[k.folder]
	p.Options = maps.Clone(p.Options)
	if said && given == "" {
		delete(p.Options, k.folder)
		return p, nil
	}
	if p.Options == nil {
		p.Options = map[string]string{}
	}
	if !said {
		cache, err := cachedir.Default()
		if err != nil {
			return p, err
		}
		given = filepath.Join(cache, "compiled", p.Name+"-"+Version())
		p.Options[k.folder] = given
	}
	if err := os.MkdirAll(given, 0o755); err != nil {
		return p, fmt.Errorf("%s keeps what it compiles in %s: %w", p.Name, k.folder, err)
	}
	for key, value := range k.with {
		if _, said := p.Options[key]; !said {
			p.Options[key] = value
		}
	}
	return p, nil
}
