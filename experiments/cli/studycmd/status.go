package studycmd

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/edgeprune/edgeprune/deploy/casequeue"
	"github.com/edgeprune/edgeprune/experiments/cli/access"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/urfave/cli/v2"
)

// farmStatus is what status prints as JSON. Its field names are part of the interface.
type farmStatus struct {
	Server  string               `json:"server"`
	Queued  uint64               `json:"queued"`
	Results uint64               `json:"results"`
	Studies []studyStatus        `json:"studies"`
	Workers []casequeue.Presence `json:"workers"`
}

// studyStatus is a study with what follows from how far it is.
type studyStatus struct {
	casequeue.Study
	CasesPerSec float64 `json:"cases_per_s,omitempty"`
	LeftSeconds float64 `json:"left_s,omitempty"`
}

func (a *Commands) statusCommand() *cli.Command {
	return &cli.Command{
		Name: "status", Usage: "show the studies at a NATS server, and the workers that live",
		Description: "A study is running, stopped (it goes on when it is run again), finished, or lost: its owner says\n" +
			"nothing any more, and what is queued is simulated nevertheless. Rates are since it was run last.\n\n" +
			"  edgeprune study status --nats nats://hub:4222",
		Flags:  append(farmFlags("`URL` of the NATS server"), &cli.BoolFlag{Name: "json", Usage: "print JSON"}),
		Action: a.status,
	}
}

func (a *Commands) status(c *cli.Context) error {
	if c.NArg() > 0 {
		return input.Error(fmt.Errorf("expected no arguments; got %d", c.NArg()))
	}
	who, err := access.Watcher(c)
	if err != nil {
		return err
	}
	q, err := a.dial(c, who, a.Log().Logf)
	if err != nil {
		return err
	}
	defer q.Close()
	found, err := q.Status(c.Context)
	if err != nil {
		return err
	}
	s := farmStatus{Server: found.Server, Queued: found.Queued, Results: found.Results, Studies: []studyStatus{},
		Workers: found.Workers}
	for i := range found.Studies {
		s.Studies = append(s.Studies, statusOf(&found.Studies[i]))
	}
	if c.Bool("json") {
		return a.JSON(&s)
	}
	return s.print(a.Stdout, a.Program)
}

// statusOf adds rates.
func statusOf(s *casequeue.Study) studyStatus {
	x := studyStatus{Study: *s}
	if took := s.Updated.Sub(s.Begun).Seconds(); took > 0 {
		x.CasesPerSec = float64(s.Cases) / took
		if s.Done > 0 && s.State == casequeue.Running {
			x.LeftSeconds = took / float64(s.Done) * float64(s.Total-s.Done)
		}
	}
	return x
}

func (s *farmStatus) print(to io.Writer, program string) error {
	fmt.Fprintf(to, "%s: %d cases queued, %d results kept, %d workers\n", s.Server, s.Queued, s.Results, len(s.Workers))
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	if len(s.Studies) > 0 {
		fmt.Fprintln(w, "study\tstate\tdone\tresults\tfailed\tcases/s\tleft\towner\tbegun")
	}
	for i := range s.Studies {
		x := &s.Studies[i]
		left := ""
		if x.LeftSeconds > 0 {
			left = time.Duration(x.LeftSeconds * 1e9).Round(time.Second).String()
		}
		fmt.Fprintf(w, "%s\t%s\t%d of %d %s\t%d\t%d\t%.1f\t%s\t%s pid %d\t%s\n", x.Name, x.State, x.Done, x.Total, x.What,
			x.Cases, x.Failed, x.CasesPerSec, left, x.Host, x.PID, x.Begun.UTC().Format("2006-01-02 15:04:05Z"))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if len(s.Workers) > 0 {
		fmt.Fprintln(w, "worker\thost\tcases at a time\tat present\tdone\tprogram")
	}
	for i := range s.Workers {
		x := &s.Workers[i]
		note := x.Program
		if x.Program != program {
			note += " (another than this one)"
		}
		fmt.Fprintf(w, "%s\t%s pid %d\t%d\t%d\t%d\t%s\n", x.Name, x.Host, x.PID, x.Slots, x.Running, x.Done, note)
	}
	return w.Flush()
}
