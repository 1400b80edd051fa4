package factor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/experiments/internal/study/keypath"
)

// Names of the factors that are no paths of keys.
const (
	Cut       = "cut"
	Codec     = "codec"
	Profile   = "profile"
	Count     = "count"
	Bandwidth = "bandwidth"
	Latency   = "latency"
	Slowdown  = "slowdown"
	FrameRate = "frame_rate"
	Phase     = "phase"
)

// Named lists them.
func Named() []string {
	return []string{Cut, Codec, Profile, Count, Bandwidth, Latency, Slowdown, FrameRate, Phase}
}

// Base is what factors change.
type Base struct {
	File     *planfile.File
	Actors   []string // that a cut may lie behind, in precedence order
	Profiles []string // names
}

// New returns the factor that a key names: a path of the plan file, or one of Named. of is
// the link, unit or device that it is of. It has no levels yet. Errors wrap ErrTarget, or
// those of package keypath.
func New(b *Base, name, of string) (*Factor, error) {
	f := &Factor{Name: name}
	var err error
	path := ""
	switch name {
	case Cut:
		err = cuttable(b.File)
		f.kind = cut{b.Actors}
	case Codec:
		f.kind = coding{}
	case Profile:
		f.kind, f.Valued = profiles{b.Profiles}, true
	case Count:
		f.kind, f.Whole = count{of}, true
		if b.File.Platform.Device(of) < 0 {
			err = fmt.Errorf("%w: there is no device %q to count; say of: which, of %s%s", ErrTarget, of,
				graph.ListNames(b.File.Platform.DeviceNames()), nearest.Hint(of, b.File.Platform.DeviceNames()))
		}
	case Phase:
		f.kind, f.Valued = phase{}, true
	case FrameRate:
		f.kind, f.Valued, f.Unit = frameRate{}, true, "frames/s"
	case Bandwidth, Latency:
		var l string
		if l, err = link(b.File, of); err != nil {
			return nil, err
		}
		path = "platform.links[" + l + "].latency"
		if name == Bandwidth {
			path = "platform.links[" + l + "].bandwidth_bytes_per_sec"
		}
	case Slowdown:
		device, unit, ok := strings.Cut(of, ".")
		if !ok {
			return nil, fmt.Errorf("%w: a slowdown is of a unit; say of: device.unit", ErrTarget)
		}
		path = "platform.devices[" + device + "].units[" + unit + "].slowdown"
	default:
		if !strings.ContainsAny(name, ".[") && name != "seed" && name != "fifo_capacity" {
			return nil, fmt.Errorf("%w: %q is neither %s, nor the path of a key such as platform.links[0].latency%s",
				ErrTarget, name, strings.Join(Named(), ", "), nearest.Hint(name, Named()))
		}
		path = name
	}
	if err != nil || path == "" {
		return f, err
	}
	k, unit, whole, err := newKey(b.File, path)
	f.kind, f.Unit, f.Whole, f.Valued = k, unit, whole, k.valued()
	if err == nil {
		err = profiled(b.File, path)
	}
	return f, err
}

// profiled says whether a file says what tokens cost on the link that a path is of: then its
// bandwidth and latency don't matter.
func profiled(f *planfile.File, path string) error {
	link, key := path[:max(strings.LastIndexByte(path, '.'), 0)], path[strings.LastIndexByte(path, '.')+1:]
	p, err := keypath.Parse(link + ".profile")
	matters := key == "latency" || key == "bandwidth_bytes_per_sec"
	if err != nil || !matters || !p.Under("platform", "links", "*", "profile") {
		return nil
	}
	at, err := p.Find(f)
	if err != nil || at.Text() == "" {
		return err
	}
	return fmt.Errorf("%w: the profile %s says what tokens cost on %s, so its %s changes nothing; remove profile there",
		ErrTarget, at.Text(), link, key)
}

// Level returns the level of a text. Errors wrap ErrLevel, or those of package keypath.
func (f *Factor) Level(b *Base, text string) (Level, error) { return f.kind.parse(b.File, text) }

// Check returns what is wrong with a level of a plan file, which is changed to it.
func (f *Factor) Check(file *planfile.File, l Level) error {
	t := ToFile(file)
	if err := f.Apply(t, l); err != nil {
		return err
	}
	return file.Check()
}

// cuttable says whether a cut can be moved.
func cuttable(f *planfile.File) error {
	if slices.ContainsFunc(f.Instances, func(i planfile.Instance) bool {
		return len(i.Mapping) > 0 && i.Mapping[0].Through != ""
	}) {
		return nil
	}
	return fmt.Errorf("%w: no instance's mapping begins with {unit: device.unit, through: actor}, which is the cut",
		ErrTarget)
}
