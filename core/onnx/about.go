package onnx

import "github.com/edgeprune/edgeprune/core/onnx/onnxpb"

// Version is that of a set of operators; the default one has no domain.
type Version struct {
	Domain  string `json:"domain,omitempty"`
	Version int64  `json:"version"`
}

// Opsets returns the versions of the operator sets that the model imports, in
// the file's order.
func (m *Model) Opsets() []Version {
	var list []Version
	for _, o := range m.pb.OpsetImport {
		list = append(list, Version{domain(o.GetDomain()), o.GetVersion()})
	}
	return list
}

// IRVersion returns the version of the file format.
func (m *Model) IRVersion() int64 { return m.pb.GetIrVersion() }

// Producer returns the program that wrote the model, as the file says; it may be
// empty.
func (m *Model) Producer() string { return m.pb.GetProducerName() }

// OptimisedForKey is the entry of a model's metadata that says what it was optimised
// for: a runtime and a processor, which alone may run it. Sub-models keep it.
const OptimisedForKey = "edgeprune.optimised_for"

// OptimisedFor returns what the model was optimised for; it is empty for a model
// that runs everywhere.
func (m *Model) OptimisedFor() string { return Metadata(m.pb, OptimisedForKey) }

// Metadata returns what a model's metadata say under a key; "" if nothing.
func Metadata(pb *onnxpb.ModelProto, key string) string {
	for _, p := range pb.GetMetadataProps() {
		if p.GetKey() == key {
			return p.GetValue()
		}
	}
	return ""
}
