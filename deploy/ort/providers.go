package ort

import (
	"strings"

	"github.com/edgeprune/edgeprune/deploy/ort/loader"
)

// Providers lists the execution providers that the loaded library was built with, as a
// platform names them, the CPU last. Some need more to be used: see Missing.
func Providers() []string {
	r, err := loader.Inspect(library.path)
	if err != nil {
		return nil
	}
	var names []string
	for _, p := range r.Providers {
		names = append(names, providerName(p))
	}
	return names
}

// providerName returns what a platform calls a provider, from the runtime's name.
func providerName(of string) string {
	return strings.ToLower(strings.TrimSuffix(of, "ExecutionProvider"))
}

// Missing says what a provider lacks on this machine, as far as can be told without a
// model: its library, what that needs, a driver. It is nil where nothing is known to be
// missing.
func Missing(name string) error {
	if name == "webgpu" {
		_, err := loader.Vulkan()
		return err
	}
	return missingOf(name, library.path)
}
