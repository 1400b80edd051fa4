package profiles

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/core/device"
	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
)

// DeviceKind is the kind of device profiles, DeviceFormat their newest format.
const (
	DeviceKind   = "edgeprune device profile"
	DeviceFormat = 1
)

// Bounds of a device profile.
const (
	maxEntries     = 100_000
	maxSamples     = 1_000_000 // of all entries together
	maxModels      = 1000
	maxSkeleton    = 64 << 20 // bytes of a skeleton that is unpacked
	maxFingerprint = 1000     // clocks, accelerators or providers
)

// Device is a device profile: what firings cost on a device, and what a plan needs of the
// models that they run. Its field names are part of the interface.
type Device struct {
	Head
	Device      string             `json:"device"` // its name in its testbed
	Fingerprint device.Fingerprint `json:"fingerprint"`
	Created     time.Time          `json:"created"`  // when what is in it was measured last
	Measured    []Measured         `json:"measured"` // in order of time
	Units       []Unit             `json:"units"`    // that were profiled
	Models      []Model            `json:"models"`   // by name
	Dispatch    time.Duration      `json:"dispatch_ns"`
	// Entries are the samples by plan.Work.CostKey; see profile.Skipped.
	Entries map[string]profile.Entry `json:"entries"`
}

// Measured says what was profiled.
type Measured struct {
	What    string    `json:"what"`   // an experiment or a plan
	Effort  string    `json:"effort"` // quick, standard or full
	Rounds  int       `json:"rounds"` // that its samples are spread over
	Created time.Time `json:"created"`
}

// Unit is how firings ran.
type Unit struct {
	Provider string `json:"provider"`
	Threads  int    `json:"threads"`
	Spin     bool   `json:"spin"`
}

// UnitOf describes a unit of a plan.
func UnitOf(u *plan.Unit) Unit {
	return Unit{Provider: cmp.Or(u.Provider.String(), "cpu"), Threads: max(u.Threads, 1), Spin: u.Spin}
}

// String is the unit in words.
func (u Unit) String() string {
	text := fmt.Sprintf("%s, %d threads", u.Provider, u.Threads)
	if u.Threads == 1 {
		text = u.Provider + ", 1 thread"
	}
	if u.Spin {
		text += ", spinning"
	}
	return text
}

// Model is what a plan needs of a model.
type Model struct {
	Name     string `json:"name"` // in plans
	SHA256   string `json:"sha256"`
	Skeleton []byte `json:"skeleton"` // see onnx.Model.Skeleton; packed by gzip
}

// ModelOf returns what plans need of a model.
func ModelOf(name string, m *onnx.Model) (Model, error) {
	b, err := m.Skeleton()
	if err != nil {
		return Model{}, fmt.Errorf("model %s: %w", name, err)
	}
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(b)
	}
	if err == nil {
		err = w.Close()
	}
	return Model{Name: name, SHA256: m.SHA256(), Skeleton: packed.Bytes()}, err
}

// Open returns the model without its weights. Errors wrap ErrFile.
func (m *Model) Open() (*onnx.Model, error) {
	r, err := gzip.NewReader(bytes.NewReader(m.Skeleton))
	if err != nil {
		return nil, fmt.Errorf("%w: model %s: %w", ErrFile, m.Name, err)
	}
	b, err := io.ReadAll(io.LimitReader(r, maxSkeleton+1))
	if err != nil {
		return nil, fmt.Errorf("%w: model %s: %w", ErrFile, m.Name, err)
	}
	if len(b) > maxSkeleton {
		return nil, fmt.Errorf("%w: model %s has more than %d MiB without its weights", ErrFile, m.Name, maxSkeleton>>20)
	}
	opened, err := onnx.ParseSkeleton(b)
	if err != nil {
		return nil, fmt.Errorf("%w: model %s: %w", ErrFile, m.Name, err)
	}
	if opened.SHA256() != m.SHA256 {
		return nil, fmt.Errorf("%w: model %s has SHA-256 %.8s, and its structure is of %.8s", ErrFile, m.Name, m.SHA256,
			opened.SHA256())
	}
	return opened, nil
}

// ReadDevice reads a device profile. Errors wrap ErrFile, but for those of opening it.
func ReadDevice(path string) (*Device, error) {
	var d Device
	if err := readFile(path, DeviceKind, DeviceFormat, &d); err != nil {
		return nil, err
	}
	if what := d.wrong(); what != "" {
		return nil, fmt.Errorf("%w: %s: %s", ErrFile, path, what)
	}
	return &d, nil
}

// Write writes a device profile, atomically.
func (d *Device) Write(path string) error {
	d.Head = Head{DeviceKind, DeviceFormat}
	if what := d.wrong(); what != "" {
		return fmt.Errorf("%w: %s: %s", ErrFile, path, what)
	}
	return writeFile(path, d)
}

// wrong says what can't be in a device profile; "" if nothing is wrong.
func (d *Device) wrong() string {
	f := &d.Fingerprint
	switch {
	case d.Device == "" || !printable(d.Device):
		return fmt.Sprintf("its device is named %q", clipped(d.Device))
	case len(d.Entries) > maxEntries || len(d.Models) > maxModels || len(d.Measured) > maxEntries ||
		len(d.Units) > maxEntries:
		return fmt.Sprintf("it has %d entries and %d models; at most %d and %d", len(d.Entries), len(d.Models), maxEntries,
			maxModels)
	case max(len(f.Clocks), len(f.Accelerators), len(f.Providers)) > maxFingerprint:
		return "its fingerprint is too long"
	case d.Dispatch < 0:
		return fmt.Sprintf("its dispatch takes %v", d.Dispatch)
	}
	texts := slices.Concat([]string{f.Processor, f.System, f.Board, f.PowerMode, f.Runtime, f.Program}, f.Accelerators,
		f.Providers)
	for _, c := range f.Clocks {
		texts = append(texts, c.Of, c.Governor)
	}
	for _, m := range d.Models {
		texts = append(texts, m.Name, m.SHA256)
	}
	for _, m := range d.Measured {
		texts = append(texts, m.What, m.Effort)
	}
	for _, u := range d.Units {
		texts = append(texts, u.Provider)
	}
	for _, text := range texts {
		if !printable(text) {
			return fmt.Sprintf("it has the text %q", clipped(text))
		}
	}
	samples := 0
	for _, key := range slices.Sorted(maps.Keys(d.Entries)) {
		e := d.Entries[key]
		if samples += len(e.Samples); samples > maxSamples {
			return fmt.Sprintf("it has more than %d samples", maxSamples)
		}
		switch {
		case len(key) > maxText || !printable(key):
			return fmt.Sprintf("it has an entry named %q", clipped(key))
		case len(e.Samples) == 0:
			return fmt.Sprintf("entry %s has no samples", key)
		case slices.Min(e.Samples) < 0:
			return fmt.Sprintf("entry %s took %v once", key, slices.Min(e.Samples))
		case len(e.References) > 0 && (len(e.References) != len(e.Samples) || slices.Min(e.References) <= 0):
			return fmt.Sprintf("entry %s has %d samples and %d references; every sample has one, or none has", key,
				len(e.Samples), len(e.References))
		case len(e.OutBytes) > 0 && slices.Min(e.OutBytes) < 0:
			return fmt.Sprintf("entry %s gives tokens of %d bytes", key, slices.Min(e.OutBytes))
		}
	}
	return ""
}

// Digest is the same for equal profiles: 8 hexadecimal digits.
func (d *Device) Digest() string {
	b, err := json.Marshal(d)
	if err != nil { // of nothing that is in it
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:4])
}

// Profile returns the costs of the device.
func (d *Device) Profile() *profile.Device {
	return &profile.Device{Fingerprint: d.Fingerprint, Entries: d.Entries, Dispatch: d.Dispatch}
}

// Add adds what was measured later on the same device: its entries replace those of the same
// firings. What differs between the fingerprints is returned; then what d held is gone.
func (d *Device) Add(later *Device) (differs []string) {
	if differs = d.Fingerprint.Differs(&later.Fingerprint); len(differs) > 0 {
		*d = *later
		return differs
	}
	d.Created, d.Dispatch = later.Created, cmp.Or(later.Dispatch, d.Dispatch)
	for _, m := range later.Measured {
		d.Measured = append(slices.DeleteFunc(d.Measured, func(old Measured) bool { return old.What == m.What }), m)
	}
	for _, u := range later.Units {
		if !slices.Contains(d.Units, u) {
			d.Units = append(d.Units, u)
		}
	}
	for _, m := range later.Models {
		d.Models = append(slices.DeleteFunc(d.Models, func(old Model) bool {
			return old.Name == m.Name && old.SHA256 == m.SHA256
		}), m)
	}
	if d.Entries == nil {
		d.Entries = map[string]profile.Entry{}
	}
	maps.Copy(d.Entries, later.Entries)
	return nil
}

// Check compares the fingerprint with that of the device now. Errors wrap ErrOtherDevice or
// ErrStale and say in what they differ; name is what the profile is called in them.
func (d *Device) Check(name string, now *device.Fingerprint) error {
	differs := d.Fingerprint.Differs(now)
	if len(differs) == 0 {
		return nil
	}
	kind, instead := ErrStale, "profile the device again, or set it as it was"
	if other := d.Fingerprint.Other(now); len(other) > 0 {
		kind, differs, instead = ErrOtherDevice, other, "name the profile of this device"
	}
	return fmt.Errorf("%w: %s, of %s: %s; %s", kind, name, d.Device, joined(differs), instead)
}

func joined(texts []string) string {
	const most = 8
	text := ""
	for i, t := range texts {
		switch {
		case i == most:
			return fmt.Sprintf("%s; and %d more", text, len(texts)-most)
		case i > 0:
			text += "; "
		}
		text += t
	}
	return text
}
