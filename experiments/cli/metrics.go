package cli

import (
	"fmt"
	"log/slog"

	"github.com/edgeprune/edgeprune/deploy/agent"
	"github.com/edgeprune/edgeprune/deploy/metrics"
	"github.com/urfave/cli/v2"
)

// metricsFlag is where metrics of something are served.
func metricsFlag(of string) cli.Flag {
	return &cli.StringFlag{Name: "metrics", DefaultText: "nowhere", Usage: "serve Prometheus metrics, " + of +
		", at /metrics of `ADDRESS`: a port, which is one of the loopback interface, or HOST:PORT; port 0 takes a free one"}
}

// agentMetrics serves the metrics of an agent that is going to be started, if they are asked for,
// until end.
func agentMetrics(c *cli.Context, log *slog.Logger) (m agent.Metrics, end func(), err error) {
	if !c.IsSet("metrics") {
		return nil, func() {}, nil
	}
	collector := metrics.NewAgent()
	s, err := metrics.Listen(c.String("metrics"), collector)
	if err != nil {
		return nil, nil, usage(fmt.Errorf("--metrics: %w", err))
	}
	log.Info("metrics", "url", s.URL())
	return collector, s.Close, nil
}

// serveMetrics serves those of the session's runs, if they are asked for, until it closes.
func (l *session) serveMetrics() error {
	if !l.c.IsSet("metrics") {
		return nil
	}
	collector := &metrics.Coordinator{}
	s, err := metrics.Listen(l.c.String("metrics"), collector)
	if err != nil {
		return usage(fmt.Errorf("--metrics: %w", err))
	}
	l.observer, l.unserve = collector, s.Close
	l.log.Logf("metrics at %s", s.URL())
	return nil
}
