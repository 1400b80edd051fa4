package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/identity"
	"github.com/edgeprune/edgeprune/deploy/transport"
	"github.com/edgeprune/edgeprune/experiments/cli/access"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/edgeprune/edgeprune/experiments/cli/place"
	"github.com/edgeprune/edgeprune/experiments/internal/record"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/spec"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
	"github.com/urfave/cli/v2"
)

const discoverFor = 500 * time.Millisecond // for agents to answer

// elsewhere reports whether the agents of a given server run what is deployed.
func (l *session) elsewhere() bool { return elsewhere(l.c) }

func elsewhere(c *cli.Context) bool { return c.String("nats") != "" || c.String("testbed") != "" }

// meet reads how the command line says to connect.
func (l *session) meet() (err error) {
	l.access, err = access.Coordinator(l.c)
	return err
}

// remote returns a driver, for plans of the models, on the agents of the server that --testbed
// or --nats name. It connects once; the session closes that.
func (l *session) remote(models compile.Models) (*coordinator.Driver, error) {
	if l.conn == nil {
		err := l.meet()
		if err != nil {
			return nil, err
		}
		if l.conn, err = coordinator.Dial(l.access); err != nil {
			return nil, usage(err)
		}
	}
	d := &coordinator.Driver{Conn: l.conn.Conn, Name: l.conn.Name}
	l.configure(d, models)
	d.Version = l.app.env.Revision.String()
	d.Store.Domain = l.c.String("js-domain")
	if l.c.IsSet("store-ttl") {
		d.Store.TTL = input.Duration(l.c, "store-ttl")
	}
	if l.c.IsSet("store-bytes") {
		d.Store.Bytes = l.c.Int64("store-bytes")
	}
	d.Wait, d.Take = l.c.Bool("wait"), l.c.Bool("take")
	d.Waiting = func(text string) { l.log.Logf("%s", text) }
	return d, nil
}

// deployElsewhere is deploy on the agents of the server that --testbed or --nats name.
func (l *session) deployElsewhere(ctx context.Context, models compile.Models, devices []string) (
	*coordinator.Driver, error,
) {
	d, err := l.remote(models)
	if err != nil {
		return nil, err
	}
	if err := l.present(ctx, d, devices); err != nil {
		return nil, err
	}
	return d, nil
}

// present waits, for as long as --patience says, until the agents of devices answer; of those
// that don't it says how to start them.
func (l *session) present(ctx context.Context, d *coordinator.Driver, devices []string) error {
	begun, told := time.Now(), false
	for {
		found, err := coordinator.Discover(ctx, d.Conn, discoverFor)
		if err != nil {
			return err
		}
		missing := slices.DeleteFunc(slices.Clone(devices), func(name string) bool { return found[name] })
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case len(missing) == 0:
			return nil
		case time.Since(begun) >= input.Duration(l.c, "patience"):
			return l.absent(missing, slices.Sorted(maps.Keys(found)))
		case !told:
			told = true
			l.log.Logf("wait for agents of %s", strings.Join(missing, ", "))
		}
	}
}

// absent says which agents don't answer and how to start them.
func (l *session) absent(missing, found []string) error {
	there := "no agent answers there"
	if len(found) > 0 {
		there = "agents of " + strings.Join(found, ", ") + " answer there"
	}
	start := fmt.Sprintf("edgeprune agent --testbed device-%s/%s", missing[0], identity.FileName)
	if l.c.String("testbed") == "" {
		start = fmt.Sprintf("edgeprune agent --name %s --nats %s", missing[0], transport.Redacted(l.access.URL))
	}
	return usage(fmt.Errorf("%w of %s at %s; %s; start it on that machine: %s", coordinator.ErrNoAgent,
		strings.Join(missing, ", "), transport.Redacted(l.access.URL), there, start))
}

// placed returns an experiment on the devices of the testbed that the command line names; as
// it is where it names none.
func (l *session) placed(ctx context.Context, s *spec.Spec) (*spec.Spec, error) {
	if !l.elsewhere() {
		return s, nil
	}
	if err := l.meet(); err != nil {
		return nil, err
	}
	devices, err := l.testbedDevices(ctx)
	if err != nil {
		return nil, err
	}
	on, err := place.Devices(s, l.wanted(s), devices)
	if err != nil {
		return nil, err
	}
	return s.Placed(on), nil
}

// machines names what an experiment is measured on: this machine, or the devices that stand
// for its own. x is nil for the transport.
func (l *session) machines(x *sweep.Experiment) string {
	switch {
	case !l.elsewhere():
		return l.predictedOn()
	case x == nil:
		return transport.Redacted(l.access.URL)
	}
	return l.standsFor(x.Spec).String()
}

// standsFor says which devices of the testbed stand for those of an experiment; nil: it runs
// on this machine.
func (l *session) standsFor(s *spec.Spec) *result.Testbed {
	if s.Real() == nil {
		return nil
	}
	return &result.Testbed{Server: transport.Redacted(l.access.URL), Devices: s.Real()}
}

// agents asks the agents of devices what they are, and how their devices are.
func (l *session) agents(ctx context.Context, d *coordinator.Driver, devices []string) (
	map[string]record.Agent, error,
) {
	all := map[string]record.Agent{}
	for _, name := range devices {
		s, err := d.Detail(ctx, name)
		if err != nil {
			return nil, err
		}
		a := record.Agent{Version: s.Version, Host: s.Host, Runtime: s.ORT}
		if s.Detail != nil {
			a.State = s.Detail.State
		}
		if a.Fingerprint, err = d.Fingerprint(ctx, name); err != nil {
			return nil, err
		}
		all[name] = a
	}
	return all, nil
}

// wanted is what the command line says of where devices of an experiment are.
func (l *session) wanted(s *spec.Spec) place.Wanted {
	w := place.Of(l.c)
	if l.several {
		w = w.Named(s)
	}
	return w
}

// placeable returns the experiments that have a place on the testbed that the command line
// names; those that need more devices than it has are left out.
func (l *session) placeable(ctx context.Context, all []found) ([]found, error) {
	if !l.elsewhere() {
		return all, nil
	}
	if err := l.meet(); err != nil {
		return nil, err
	}
	devices, err := l.testbedDevices(ctx)
	if err != nil {
		return nil, err
	}
	var specs []*spec.Spec
	for _, f := range all {
		specs = append(specs, f.spec)
	}
	errs := []error{place.Of(l.c).Known(specs)}
	var kept []found
	for _, f := range all {
		_, err := place.Devices(f.spec, l.wanted(f.spec), devices)
		switch {
		case errors.Is(err, place.ErrFew):
			l.log.Logf("%s is left out: %v", f.name, err)
		case err != nil:
			errs = append(errs, err)
		default:
			kept = append(kept, f)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if len(kept) == 0 {
		return nil, usage(fmt.Errorf("%w for every experiment; the lines above say what each needs", place.ErrFew))
	}
	return kept, nil
}

// testbedDevices names the devices of the testbed: those of its file, or else those whose
// agents answer.
func (l *session) testbedDevices(ctx context.Context) ([]string, error) {
	if path := l.c.String("testbed"); path != "" {
		f, err := identity.ReadFile(path)
		if err != nil {
			return nil, usage(err)
		}
		if len(f.Devices) > 0 {
			return f.Devices, nil
		}
	}
	d, err := l.remote(nil)
	if err != nil {
		return nil, err
	}
	found, err := coordinator.Discover(ctx, d.Conn, discoverFor)
	if err == nil && len(found) == 0 {
		err = l.absent([]string{"DEVICE"}, nil)
	}
	return slices.Sorted(maps.Keys(found)), err
}
