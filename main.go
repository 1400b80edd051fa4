// Edgeprune cuts neural networks between devices, predicts what every cut
// costs, and measures it. This file is wiring only.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/edgeprune/edgeprune/experiments/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := cli.New(cli.Process()).Run(ctx, os.Args)
	stop()
	os.Exit(code)
}
