package ort

import (
	"fmt"
	"strings"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/deploy/ort/loader"
	ortgo "github.com/yalue/onnxruntime_go"
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

// Missing says what a provider without options lacks on this machine, as far as can be told
// without a model: its library, what that needs, a driver, a device. It is nil where
// nothing is known to be missing. The library must be loaded.
func Missing(name string) error {
	if !loaded() {
		return ErrNotLoaded
	}
	p := plan.Named(name)
	if p.OnCPU() {
		return nil
	}
	alone := serial(p)
	alone.Lock()
	defer alone.Unlock()
	so, err := ortgo.NewSessionOptions()
	if err != nil {
		return fmt.Errorf("ort: session options: %w", err)
	}
	defer so.Destroy()
	if err := appendNamed(so, p); err != nil {
		return err
	}
	return missingOf(name, library.path)
}
