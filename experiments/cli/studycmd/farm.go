package studycmd

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/edgeprune/edgeprune/deploy/casequeue"
	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/identity"
	"github.com/edgeprune/edgeprune/deploy/transport"
	"github.com/edgeprune/edgeprune/deploy/wire"
	"github.com/edgeprune/edgeprune/experiments/cli/access"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/edgeprune/edgeprune/experiments/internal/study/bundle"
	"github.com/edgeprune/edgeprune/experiments/internal/study/runner"
	"github.com/urfave/cli/v2"
)

const (
	// front is how many cases wait in the queue at a time. It bounds what the owner holds in memory.
	front        = 2048
	announceEach = 2 * time.Second
)

// farmFlags say which server's workers simulate.
func farmFlags(usage string) []cli.Flag {
	return append([]cli.Flag{&cli.StringFlag{Name: "nats", Usage: usage, DefaultText: "that of --testbed"}},
		access.Flags()...)
}

// elsewhere reports whether the command line names a server.
func elsewhere(c *cli.Context) bool { return c.String("nats") != "" || c.String("testbed") != "" }

// dial connects to the queue that the command line names.
func (a *Commands) dial(c *cli.Context, who *identity.Access, logf func(string, ...any)) (*casequeue.Queue, error) {
	who.Name = cmp.Or(who.Name, coordinator.NewName())
	q, err := casequeue.Dial(c.Context, who, casequeue.Options{Program: a.Program, Logf: logf})
	if errors.Is(err, identity.ErrRefused) || errors.Is(err, identity.ErrKey) || errors.Is(err, casequeue.ErrServer) ||
		errors.Is(err, wire.ErrName) || errors.Is(err, transport.ErrPayload) {
		return nil, input.Error(err)
	}
	return q, err
}

// farm has workers elsewhere simulate the cases of a study.
type farm struct {
	q      *casequeue.Queue
	bundle string
	s      *Session
	mu     sync.Mutex
	study  casequeue.Study
}

// farm connects to the queue that the command line names; nil if it names none. The caller
// closes it.
func (a *Commands) farm(c *cli.Context, s *Session) (*farm, error) {
	if !elsewhere(c) {
		return nil, nil
	}
	if c.Int("jobs") > 0 {
		return nil, input.Error(errors.New("--jobs is of this machine, and with --nats or --testbed others simulate; give " +
			"--workers to edgeprune study worker"))
	}
	who, err := access.Owner(c)
	if err != nil {
		return nil, err
	}
	q, err := a.dial(c, who, s.Log.Logf)
	return &farm{q: q, s: s}, err
}

func (f *farm) close() {
	if f != nil {
		f.q.Close()
	}
}

// begin makes the queue as far as it isn't there, and puts there what the cases are made of. The
// study is known by the folder of its results.
func (f *farm) begin(ctx context.Context, l *loaded, out string) error {
	b, err := bundle.Of(l.file, l.source, l.base, l.design)
	if err != nil {
		return err
	}
	data, err := b.Encode()
	if err != nil {
		return err
	}
	if err := f.q.Open(ctx); err != nil {
		return err
	}
	if f.bundle, err = f.q.Upload(ctx, data); err != nil {
		return err
	}
	host, _ := os.Hostname() // without it, folders of one name on two machines are told apart no more
	sum := sha256.Sum256([]byte(host + "\n" + out))
	f.study = casequeue.Study{ID: hex.EncodeToString(sum[:8]), Name: l.spec.Study, State: casequeue.Running,
		Begun: time.Now().UTC()}
	f.s.Log.Logf("cases go to the workers at the %s", f.q.Server())
	return nil
}

// Simulated implements runner.Elsewhere.
func (f *farm) Simulated(ctx context.Context, hash string, levels []string) (runner.Row, error) {
	data, err := json.Marshal(levels)
	if err != nil {
		return runner.Row{}, err
	}
	got, err := f.q.Result(ctx, casequeue.Case{Hash: hash, Bundle: f.bundle, Data: data})
	if err != nil {
		return runner.Row{}, err
	}
	var row runner.Row
	if err := json.Unmarshal(got, &row); err != nil || row.Case != hash {
		return row, fmt.Errorf("what the %s has as the result of case %.12s is none (%w)", f.q.Server(), hash,
			cmp.Or(err, errors.New("it is of another case")))
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.study.Cases++
	if row.Failed != "" {
		f.study.Failed++
	}
	return row, nil
}

// progress notes how far the study is.
func (f *farm) progress(what string, done, total int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.study.What, f.study.Done, f.study.Total = what, done, total
}

// announce says how far the study is until it is over, and warns where there are no workers.
func (f *farm) announce(ctx context.Context) (over func(err error)) {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() {
		t := time.NewTicker(announceEach)
		defer t.Stop()
		for n := 0; ; n++ {
			f.say()
			if n%8 == 1 {
				f.look(ctx)
			}
			select {
			case <-ctx.Done():
				return
			case <-t.C:
			}
		}
	})
	return func(err error) {
		cancel()
		wg.Wait()
		f.mu.Lock()
		f.study.State = casequeue.Finished
		if err != nil {
			f.study.State = casequeue.Stopped
		}
		f.mu.Unlock()
		f.say()
	}
}

func (f *farm) say() {
	f.mu.Lock()
	s := f.study
	f.mu.Unlock()
	f.q.Announce(s)
}

// look says if there are no workers that can take cases.
func (f *farm) look(ctx context.Context) {
	limited, cancel := context.WithTimeout(ctx, announceEach)
	defer cancel()
	s, err := f.q.Status(limited)
	if err != nil {
		return // it says more soon, or nothing is wrong
	}
	others := 0
	for _, w := range s.Workers {
		if f.q.Mine(w.Program) {
			return
		}
		others++
	}
	why := "no worker is there"
	if others > 0 {
		why = fmt.Sprintf("the %d workers there run another program than this one", others)
	}
	f.s.Log.Logf("%s; start this program on any machine: edgeprune study worker --nats URL", why)
}
