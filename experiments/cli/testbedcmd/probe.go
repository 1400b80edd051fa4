package testbedcmd

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/edgeprune/edgeprune/experiments/internal/linkprobe"
	"github.com/edgeprune/edgeprune/experiments/internal/linktrace"
	"github.com/edgeprune/edgeprune/experiments/internal/output"
	"github.com/edgeprune/edgeprune/experiments/internal/profiles"
	"github.com/urfave/cli/v2"
)

const (
	largestToken = 8 << 20
	mostToken    = 256 << 20
	leastPart    = 10 * time.Millisecond
)

func (o *Operator) probeCommand() *cli.Command {
	between := &input.List{}
	return &cli.Command{
		Name: "probe", ArgsUsage: "[PLAN.yaml]",
		Usage: "measure the links of a testbed, in both directions",
		Description: "Agents send each other tokens the way that all runs send them, over the NATS server: of every size\n" +
			"with pauses between, then in a row. Measured are round trips, how long a token occupies its sender and is on\n" +
			"its way (over two clocks: ± what these leave open), and the bandwidth. Before most of it is sent, you are told\n" +
			"how much that is. Devices that somebody else uses are left alone: the command says who does.\n\n" +
			"  edgeprune testbed probe --testbed FILE --between jetson1,server -o lab.json\n" +
			"  edgeprune testbed probe --testbed FILE PLAN.yaml -o links/    all links of the plan, links/NAME.json each\n\n" +
			"A link of a plan takes the file by its key profile: the simulator then predicts with what was measured, and a\n" +
			"deployment on the testbed takes the link as it is.\n\n" +
			"With --for, tokens are sent in a row from the first device to the second for that time, and the bandwidth is\n" +
			"written as CSV of seconds,bytes_per_sec, which a link takes by its key trace:\n\n" +
			"  edgeprune testbed probe --testbed FILE --between jetson1,server --for 60s -o wifi.csv",
		Flags: append(o.Access(),
			&cli.GenericFlag{Name: "between", Usage: "`A,B`: the two devices; may be given several times", Value: between,
				DefaultText: "the links of the plan, or the testbed's devices if they are two"},
			input.DurationFlag("limit", "`TIME` for one direction; slow links take longer, and the largest tokens are left "+
				"out where there is no time for them", 45*time.Second),
			&cli.Int64Flag{Name: "largest", Usage: "`BYTES` of the largest tokens that are sent", Value: largestToken},
			input.DurationFlag("for", "`TIME` to record the bandwidth for, as 60s, instead of measuring the link", 0),
			input.DurationFlag("every", "`TIME` of a part of the recording", time.Second),
			input.OutputFlag("write the link's profile to this `FILE`, of several links to NAME.json each in this folder; "+
				"with --for the trace"),
			input.ForceFlag(),
			&cli.BoolFlag{Name: "json", Usage: "print JSON"},
		),
		Action: func(c *cli.Context) error {
			if err := probeFlags(c); err != nil {
				return err
			}
			read, err := planned(c)
			if err != nil {
				return err
			}
			d, closeIt, err := o.Dial(c)
			if err != nil {
				return err
			}
			defer closeIt()
			links, err := probed(c.Context, d, read, *between)
			if err != nil {
				return err
			}
			targets, err := targetsOf(c, links)
			if err != nil {
				return err
			}
			if c.IsSet("for") {
				return o.record(c, d, links, targets)
			}
			return o.probe(c, d, links, targets)
		},
	}
}

// probeFlags checks what needs no connection.
func probeFlags(c *cli.Context) error {
	limit, length, part := input.Duration(c, "limit"), input.Duration(c, "for"), input.Duration(c, "every")
	largest := c.Int64("largest")
	switch {
	case c.NArg() > 1:
		return input.Error(fmt.Errorf("expected at most one plan; got %d arguments", c.NArg()))
	case limit <= 0:
		return input.Error(fmt.Errorf("--limit %v: expected more than 0", limit))
	case largest < 1 || largest > mostToken:
		return input.Error(fmt.Errorf("--largest %d: expected 1 to %d bytes", largest, mostToken))
	case c.IsSet("for") && (part < leastPart || length < part):
		return input.Error(fmt.Errorf("--for %v --every %v: expected parts of at least %v, and at least one", length, part,
			leastPart))
	case c.IsSet("every") && !c.IsSet("for"):
		return input.Error(errors.New("--every goes with --for"))
	}
	return nil
}

// planned returns the links of the plan that is given; nil if none is.
func planned(c *cli.Context) ([]plan.Link, error) {
	if c.NArg() == 0 {
		return nil, nil
	}
	path := c.Args().First()
	b, err := input.ReadYAML(path)
	if err != nil {
		return nil, err
	}
	f, err := planfile.Parse(path, b)
	if err != nil {
		return nil, err
	}
	if len(f.Platform.Links) == 0 {
		return nil, input.Error(fmt.Errorf("%s: its platform has no links", path))
	}
	for i, l := range f.Platform.Links {
		if len(l.Between) != 2 || l.Between[0] == l.Between[1] || l.Name == "" || l.Name != filepath.Base(l.Name) {
			return nil, f.Errorf(fmt.Sprintf("$.platform.links[%d]", i), "link %q: expected a name that a file can have, and "+
				"two devices", l.Name)
		}
	}
	return f.Platform.Links, nil
}

// probed returns which links are to be probed: those of a plan, those that are named, or that
// between the testbed's two devices. Their devices' agents answer.
func probed(ctx context.Context, d *coordinator.Driver, links []plan.Link, between []string) ([]plan.Link, error) {
	if links != nil && len(between) > 0 {
		return nil, input.Error(errors.New("--between names links, and so does a plan; give one of them"))
	}
	for _, text := range between {
		a, b, two := strings.Cut(text, ",")
		a, b = strings.TrimSpace(a), strings.TrimSpace(b)
		if !two || a == "" || b == "" || a == b || strings.Contains(b, ",") {
			return nil, input.Error(fmt.Errorf("--between %q: expected two devices, such as jetson1,server", text))
		}
		links = append(links, plan.Link{Name: a + "-" + b, Between: []string{a, b}})
	}
	there, err := devices(ctx, d)
	if err != nil {
		return nil, err
	}
	if links == nil {
		if len(there) != 2 {
			return nil, input.Error(fmt.Errorf("the testbed has the devices %s; say which two by --between A,B",
				strings.Join(there, ", ")))
		}
		links = []plan.Link{{Name: there[0] + "-" + there[1], Between: there}}
	}
	return links, nil
}

// targetsOf returns the file of every link; nil if nothing is to be written.
func targetsOf(c *cli.Context, links []plan.Link) ([]output.Target, error) {
	out := c.String("output")
	if c.IsSet("for") && len(links) > 1 {
		return nil, input.Error(fmt.Errorf("--for records one link; there are %d: say which one by --between A,B",
			len(links)))
	}
	if out == "" {
		return nil, nil
	}
	var targets []output.Target
	for _, l := range links {
		t := output.Target{Path: out, Replace: c.Bool("force"), Inputs: c.Args().Slice()}
		if len(links) > 1 {
			t.Path = filepath.Join(out, l.Name+".json")
		}
		if err := t.Check(); err != nil {
			return nil, input.Error(err)
		}
		targets = append(targets, t)
	}
	return targets, nil
}

// prober returns what measures a link, and tells its progress.
func (o *Operator) prober(c *cli.Context, d *coordinator.Driver, l *plan.Link) *linkprobe.Prober {
	return &linkprobe.Prober{
		Driver: d, Between: [2]string{l.Between[0], l.Between[1]}, Limit: input.Duration(c, "limit"),
		Largest: c.Int64("largest"),
		Begin: func(a linkprobe.Amount) {
			o.Logf("link %s, %s and %s: %.1f MB will be sent, which takes about %v", l.Name, l.Between[0], l.Between[1],
				float64(a.Bytes)/1e6, a.Takes.Round(time.Second))
		},
		Step: o.Step,
	}
}

func (o *Operator) probe(c *cli.Context, d *coordinator.Driver, links []plan.Link, targets []output.Target) error {
	var files []*profiles.LinkFile
	for i := range links {
		before := reconnects(c.Context, d, links[i].Between)
		link, err := o.prober(c, d, &links[i]).Run(c.Context)
		if err != nil {
			return err
		}
		lost := reconnects(c.Context, d, links[i].Between) - before
		f := profiles.NewLinkFile(link, o.Now(), d.Version, c.Int64("largest"))
		f.Lost = uint64(max(lost, 0))
		files = append(files, f)
		if targets == nil {
			continue
		}
		b, err := f.Bytes()
		if err == nil {
			err = targets[i].Write(b)
		}
		if err != nil {
			return err
		}
	}
	o.Done()
	if c.Bool("json") {
		return o.JSON(files)
	}
	for i, f := range files {
		if err := showLink(o.Stdout, &links[i], f); err != nil {
			return err
		}
		if targets != nil {
			fmt.Fprintf(o.Stdout, "Written to %s. A link of a platform takes it by\n  profile: %[1]s\n", targets[i].Path)
		}
	}
	return nil
}

// reconnects returns how often the connections of devices were lost since their agents began, as
// far as these answer.
func reconnects(ctx context.Context, d *coordinator.Driver, names []string) int64 {
	n := int64(0)
	for _, r := range read(ctx, d, names) {
		if r.Status != nil {
			n += int64(r.Status.Reconnects)
		}
	}
	return n
}

// recorded is a recording as the command prints it in JSON. Its field names are part of the
// interface.
type recorded struct {
	From  string    `json:"from"`
	To    string    `json:"to"`
	Every float64   `json:"every_seconds"`
	Rates []float64 `json:"bytes_per_sec"`
}

func (o *Operator) record(c *cli.Context, d *coordinator.Driver, links []plan.Link, targets []output.Target) error {
	length, part := input.Duration(c, "for"), input.Duration(c, "every")
	l := &links[0]
	rates, err := o.prober(c, d, l).Record(c.Context, length, part)
	if err != nil {
		return err
	}
	r := recorded{From: l.Between[0], To: l.Between[1], Every: part.Seconds()}
	for _, x := range rates {
		r.Rates = append(r.Rates, x.BytesPerSec)
	}
	if targets != nil {
		b := linktrace.Bandwidth(rates, fmt.Sprintf("bandwidth from %s to %s, recorded by edgeprune testbed probe %s", r.From,
			r.To, d.Version), o.Now().UTC().Format(time.RFC3339))
		if err := targets[0].Write(b); err != nil {
			return err
		}
	}
	o.Done()
	if c.Bool("json") {
		return o.JSON(r)
	}
	s := profile.SpreadOf(r.Rates)
	fmt.Fprintf(o.Stdout, "%s to %s: %s MB/s in %d parts of %v (median, 5th to 95th percentile)\n", r.From, r.To,
		spread(s, 1e6, "%.2f"), s.N, part)
	if targets != nil {
		fmt.Fprintf(o.Stdout, "Written to %s. A link of a platform takes it by\n  trace: %[1]s\n", targets[0].Path)
	}
	return nil
}
