// Package profilecmd has the commands on files of device profiles: list, show, export and
// import them. It reads flags and prints; experiments/internal/profiles does the work.
package profilecmd

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/edgeprune/edgeprune/experiments/internal/output"
	"github.com/edgeprune/edgeprune/experiments/internal/profiles"
	"github.com/urfave/cli/v2"
)

// Commands makes the commands.
type Commands struct {
	Stdout io.Writer
	JSON   func(v any) error                            // prints it
	Cache  func(c *cli.Context) (profiles.Cache, error) // where profiles are kept
}

// Commands returns the commands.
func (a *Commands) Commands() []*cli.Command {
	return []*cli.Command{a.list(), a.show(), a.export(), a.importing()}
}

// listed is a profile as list prints it in JSON. Its field names are part of the interface.
type listed struct {
	Name    string    `json:"name"`
	File    string    `json:"file"`
	Device  string    `json:"device,omitempty"`
	What    string    `json:"what,omitempty"` // the device is
	Created time.Time `json:"created,omitzero"`
	Entries int       `json:"entries"`
	Models  []string  `json:"models,omitempty"`
	Error   string    `json:"error,omitempty"` // why it can't be read
}

func jsonFlag() cli.Flag { return &cli.BoolFlag{Name: "json", Usage: "print JSON"} }

func (a *Commands) list() *cli.Command {
	return &cli.Command{
		Name: "list", Usage: "list the profiles of devices that are kept",
		Description: "  edgeprune profile list",
		Flags:       []cli.Flag{jsonFlag()},
		Action: func(c *cli.Context) error {
			if c.NArg() > 0 {
				return input.Error(fmt.Errorf("profile list takes no arguments; got %q", c.Args().First()))
			}
			cache, err := a.Cache(c)
			if err != nil {
				return err
			}
			kept, err := cache.List()
			if err != nil {
				return err
			}
			all := []listed{}
			for i := range kept {
				all = append(all, listedOf(&kept[i]))
			}
			if c.Bool("json") {
				return a.JSON(all)
			}
			return printList(a.Stdout, all)
		},
	}
}

func listedOf(k *profiles.Kept) listed {
	l := listed{Name: k.Name(), File: k.Path}
	if k.Err != nil {
		l.Error = k.Err.Error()
		return l
	}
	l.Device, l.What, l.Created, l.Entries = k.Profile.Device, what(k.Profile), k.Profile.Created, len(k.Profile.Entries)
	for _, m := range k.Profile.Models {
		l.Models = append(l.Models, fmt.Sprintf("%s@%.8s", m.Name, m.SHA256))
	}
	return l
}

func (a *Commands) show() *cli.Command {
	return &cli.Command{
		Name: "show", ArgsUsage: "DEVICE | FILE",
		Usage: "show a profile of a device: what it is, what was measured, and all costs",
		Description: "LOG-NORMAL FIT is what the cost model lognormal makes of the samples: the distance is that of\n" +
			"Kolmogorov and Smirnov, from 0, and bad says that the samples contradict it at a level of 1 %.\n" +
			"SLOW PHASES is the median in slow phases, where the samples show any, for the cost model phases.\n\n" +
			"  edgeprune profile show jetson1\n" +
			"  edgeprune profile show jetson1.json --json",
		Flags: []cli.Flag{jsonFlag()},
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return input.Error(fmt.Errorf("expected a device or a profile's file; got %d arguments", c.NArg()))
			}
			d, err := a.named(c, c.Args().First())
			if err != nil {
				return err
			}
			if c.Bool("json") {
				return a.JSON(d)
			}
			return Print(a.Stdout, d)
		},
	}
}

// named returns the profile in a file, or else the one that is kept of a device.
func (a *Commands) named(c *cli.Context, name string) (*profiles.Device, error) {
	if _, err := os.Stat(name); err == nil || strings.ContainsRune(name, os.PathSeparator) {
		d, err := profiles.ReadDevice(name)
		if errors.Is(err, profiles.ErrFile) || errors.Is(err, fs.ErrNotExist) {
			err = input.Error(err)
		}
		return d, err
	}
	cache, err := a.Cache(c)
	if err != nil {
		return nil, err
	}
	k, err := cache.Find(name)
	if err != nil {
		return nil, input.Error(err)
	}
	return k.Profile, nil
}

func (a *Commands) export() *cli.Command {
	return &cli.Command{
		Name: "export", ArgsUsage: "DEVICE FILE",
		Usage: "write the profile that is kept of a device to a file, for a platform to name it",
		Description: "The file holds the device's fingerprint, all samples, and the structure of the models that were\n" +
			"profiled, with constants below 1 KiB and without their weights. Whoever has it can simulate plans of these\n" +
			"models on the device: in a plan's platform, profile: FILE of a device names it.\n\n" +
			"  edgeprune profile export jetson1 jetson1.json",
		Flags: []cli.Flag{&cli.BoolFlag{Name: "force", Usage: "replace FILE if it exists"}},
		Action: func(c *cli.Context) error {
			if c.NArg() != 2 {
				return input.Error(fmt.Errorf("expected a device and a file; got %d arguments", c.NArg()))
			}
			cache, err := a.Cache(c)
			if err != nil {
				return err
			}
			k, err := cache.Find(c.Args().First())
			if err != nil {
				return input.Error(err)
			}
			b, err := json.Marshal(k.Profile)
			if err != nil {
				return err
			}
			to := output.Target{Path: c.Args().Get(1), Replace: c.Bool("force"), Inputs: []string{k.Path}}
			if err := to.Write(b); output.User(err) {
				return input.Error(err)
			} else if err != nil {
				return err
			}
			_, err = fmt.Fprintf(a.Stdout, "%s\nwritten to %s\n", Title(k.Profile), to.Path)
			return err
		},
	}
}

func (a *Commands) importing() *cli.Command {
	return &cli.Command{
		Name: "import", ArgsUsage: "FILE", Usage: "keep the profile of a device that somebody has exported",
		Description: "  edgeprune profile import jetson1.json",
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return input.Error(fmt.Errorf("expected a profile's file; got %d arguments", c.NArg()))
			}
			d, err := profiles.ReadDevice(c.Args().First())
			if errors.Is(err, profiles.ErrFile) || errors.Is(err, fs.ErrNotExist) {
				return input.Error(err)
			}
			if err != nil {
				return err
			}
			cache, err := a.Cache(c)
			if err != nil {
				return err
			}
			path, replaced, err := cache.Add(d)
			if errors.Is(err, profiles.ErrFile) {
				return input.Error(err)
			}
			if err != nil {
				return err
			}
			fmt.Fprintf(a.Stdout, "%s\nkept in %s\n", Title(d), path)
			if len(replaced) > 0 {
				fmt.Fprintf(a.Stdout, "in place of an earlier one: %s\n", strings.Join(replaced, "; "))
			}
			return nil
		},
	}
}
