package metrics

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

const (
	loopback     = "127.0.0.1"
	answerLimit  = 10 * time.Second // for one scrape
	mostScrapes  = 4                // at a time
	closingLimit = time.Second      // for scrapes that are under way at the end
)

// Server serves metrics until it is closed.
type Server struct {
	listener net.Listener
	http     *http.Server
	done     chan struct{}
}

// Listen serves metrics at an address: HOST:PORT, or a port alone, which is one of the loopback
// interface. Port 0 takes a free one. Beside those of the collectors there are those of the
// process and its Go runtime. The caller closes the server. Errors wrap ErrAddress.
func Listen(address string, of ...prometheus.Collector) (*Server, error) {
	at, err := parse(address)
	if err != nil {
		return nil, err
	}
	registry := prometheus.NewRegistry()
	for _, c := range append(of, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})) {
		if err := registry.Register(c); err != nil {
			return nil, fmt.Errorf("metrics: %w", err)
		}
	}
	l, err := net.Listen("tcp", at)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%w at %s: another program listens there; give another port, or 0 for a free one",
			ErrAddress, at)
	case err != nil:
		return nil, fmt.Errorf("%w at %s: %w", ErrAddress, at, err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		MaxRequestsInFlight: mostScrapes, Timeout: answerLimit,
	}))
	s := &Server{listener: l, done: make(chan struct{}), http: &http.Server{
		Handler: mux, ReadHeaderTimeout: answerLimit, WriteTimeout: 2 * answerLimit, IdleTimeout: time.Minute,
	}}
	go func() {
		defer close(s.done)
		_ = s.http.Serve(l) // it ends with Close
	}()
	return s, nil
}

// URL is where the metrics are.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() + "/metrics" }

// Close ends the server.
func (s *Server) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), closingLimit)
	defer cancel()
	if s.http.Shutdown(ctx) != nil {
		_ = s.http.Close() // a scrape takes too long
	}
	<-s.done
}

// parse returns the address to listen at.
func parse(address string) (string, error) {
	host, port := "", address
	if strings.Contains(address, ":") {
		var err error
		if host, port, err = net.SplitHostPort(address); err != nil {
			return "", malformed(address)
		}
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || strconv.FormatUint(n, 10) != port {
		return "", malformed(address)
	}
	if host == "" {
		host = loopback
	}
	return net.JoinHostPort(host, port), nil
}

func malformed(address string) error {
	return fmt.Errorf("%w at %q: expected a port, as 9464, which is one of the loopback interface, or HOST:PORT, as "+
		"0.0.0.0:9464, which whoever reaches this machine can read", ErrAddress, address)
}
