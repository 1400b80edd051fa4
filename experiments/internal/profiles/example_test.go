package profiles_test

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/experiments/internal/profiles"
)

// What firings cost on the devices of a platform that name their profiles.
func ExampleNamed() {
	dir, err := os.MkdirTemp("", "profiles")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	d := profiles.Device{Device: "jetson1", Entries: map[string]profile.Entry{
		"normalise": {Samples: []time.Duration{3 * time.Millisecond, 5 * time.Millisecond}},
	}}
	if err := d.Write(filepath.Join(dir, "jetson1.json")); err != nil {
		fmt.Println(err)
		return
	}
	platform := &plan.Platform{Devices: []plan.Device{{Name: "camera", Profile: "jetson1.json"}, {Name: "server"}}}
	set, err := profiles.Named(platform, filepath.Join(dir, "plan.yaml"))
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := set.Profile(&profile.Profile{}).CostOn("camera", "normalise")
	fmt.Println(e.Median(), err, set.Bare())
	// Output: 4ms <nil> [server]
}
