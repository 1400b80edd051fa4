package testbedcmd

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/edgeprune/edgeprune/deploy/identity/provision"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/urfave/cli/v2"
)

// Init is the command that makes a testbed. json prints a value for machines.
func Init(stdout io.Writer, json func(any) error, now func() time.Time) *cli.Command {
	devices, coordinators, workers := &input.List{}, &input.List{}, &input.List{}
	return &cli.Command{
		Name: "init", ArgsUsage: "DIR",
		Usage: "make keys, certificates and a folder for every machine of a testbed",
		Description: "Every device and coordinator gets a key of its own (an nkey), and the server's configuration lets\n" +
			"each act under its own name only. DIR must be new: nothing is overwritten. Every folder in it goes to one\n" +
			"machine, and nowhere else; edgeprune prints what to do there.\n\n" +
			"  edgeprune testbed init lab --server hub=hub.local,192.168.1.10 --device jetson1 --device jetson2\n\n" +
			"Workers simulate cases of studies (edgeprune study worker --help); no key of theirs reaches a device, and a\n" +
			"testbed of workers alone needs no devices:\n\n" +
			"  edgeprune testbed init lab --server hub=hub.local --worker pc1 --worker pc2",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "server", Usage: "`NAME[=HOST,…]` of the machine of the NATS server: its host names and " +
				"addresses; clients use the first one", Required: true},
			&cli.GenericFlag{Name: "device", Usage: "`NAME` of a device, as in platform graphs; once for each", Value: devices},
			&cli.GenericFlag{Name: "coordinator", Usage: "`NAME` of who runs plans; once for each", Value: coordinators,
				DefaultText: "coordinator"},
			&cli.GenericFlag{Name: "worker", Usage: "`NAME` of a machine that simulates cases of studies; once for each",
				Value: workers},
			&cli.IntFlag{Name: "port", Usage: "`PORT` of the NATS server", Value: 4222},
			&cli.BoolFlag{Name: "json", Usage: "print what was made as JSON"},
		},
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return input.Error(fmt.Errorf("expected one folder to make; got %d arguments", c.NArg()))
			}
			name, hosts, _ := strings.Cut(c.String("server"), "=")
			t := provision.Testbed{Server: name, Port: c.Int("port"), Devices: *devices, Coordinators: *coordinators,
				Workers: *workers}
			if hosts != "" {
				t.Hosts = strings.Split(hosts, ",")
			}
			made, err := t.Init(c.Args().First(), now())
			if errors.Is(err, provision.ErrInit) {
				return input.Error(err)
			}
			if err != nil {
				return err
			}
			if c.Bool("json") {
				return json(made)
			}
			return printMade(stdout, made)
		},
	}
}

func printMade(stdout io.Writer, made *provision.Made) error {
	own := append(slices.Clone(made.Devices), made.Workers...)
	steps := []string{
		"Copy each folder to its machine, and to no other, as with: scp -rp " + own[0] + " MACHINE:",
		fmt.Sprintf("On the server (%s), in its folder %s: nats-server -c %s", made.URL, made.Server, provision.ConfigFile),
	}
	who := filepath.Base(made.Coordinators[0])
	if len(made.Devices) > 0 {
		steps = append(steps,
			"On every device: edgeprune agent --testbed "+filepath.Base(made.Devices[0])+"/testbed.yaml",
			"Where you run plans: edgeprune run --testbed "+who+"/testbed.yaml PLAN.yaml")
	}
	if len(made.Workers) > 0 {
		steps = append(steps,
			"On every worker: edgeprune study worker --testbed "+filepath.Base(made.Workers[0])+"/testbed.yaml",
			"Where you run studies: edgeprune study run --testbed "+who+"/testbed.yaml STUDY.yaml")
	}
	steps = append(steps, "Then delete "+made.Dir+" here: who has a folder has its keys. SECURITY.md says what they "+
		"allow.")
	for i, step := range steps {
		if _, err := fmt.Fprintf(stdout, "%d. %s\n", i+1, step); err != nil {
			return err
		}
	}
	return nil
}
