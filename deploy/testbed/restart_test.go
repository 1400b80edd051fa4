package testbed_test

import (
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy/coordinator"
	"github.com/edgeprune/edgeprune/deploy/testbed"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/nats-io/nats.go/jetstream"
)

func TestKilledChildrenComeBack(t *testing.T) {
	var cmds testbedtest.Commands
	tb, err := testbed.Start(t.Context(), cmds.Restarting(testbedtest.Works, "d0", "d1"))
	if err != nil {
		t.Fatal(err)
	}
	defer tb.Close()
	js, err := jetstream.New(tb.Conn())
	if err != nil {
		t.Fatal(err)
	}
	store, err := js.CreateObjectStore(t.Context(), jetstream.ObjectStoreConfig{Bucket: "b", Storage: jetstream.FileStorage})
	if err == nil {
		_, err = store.PutString(t.Context(), "name", "content")
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, victim := range []string{"d1", "", "d0"} {
		if err := tb.Kill(victim); err != nil {
			t.Fatal(err)
		}
		for there := false; !there && t.Context().Err() == nil; {
			time.Sleep(50 * time.Millisecond) // the victim may not be gone yet
			got, err := coordinator.Discover(t.Context(), tb.Conn(), 100*time.Millisecond)
			there = err == nil && got["d0"] && got["d1"]
		}
	}
	if s, err := store.GetString(t.Context(), "name"); s != "content" || err != nil {
		t.Errorf("the object store holds %q, %v", s, err)
	}
	tr, err := tb.Driver().Run(t.Context(), small(20))
	if err != nil || len(tr.Results) != 20 || tr.Restarts != 0 {
		t.Errorf("a run afterwards: %v, %d restarts", err, tr.Restarts)
	}
	if err := tb.Kill("d9"); !errors.Is(err, testbed.ErrSetup) {
		t.Errorf("kill of nobody: %v", err)
	}
	tb.Close()
	cmds.CheckGone(t)
	if err := tb.Err(); err != nil {
		t.Errorf("after a close: %v", err)
	}
}

func TestRestartsAreBounded(t *testing.T) {
	var cmds testbedtest.Commands
	cfg := cmds.Children(testbedtest.Fails, "d0")
	cfg.Restarts = 2
	_, err := testbed.Start(t.Context(), cfg)
	if !errors.Is(err, coordinator.ErrAgentLost) || !strings.Contains(err.Error(), "ended 3 times") || !strings.Contains(err.Error(), "no such camera") {
		t.Errorf("got %v", err)
	}
	if len(cmds.Started()) != 3 {
		t.Errorf("started %d times", len(cmds.Started()))
	}
	cfg = cmds.Restarting(testbedtest.Works, "d0")
	cfg.Restarts = 0
	cfg.Broker = func(int, string) *exec.Cmd { return exec.Command("false") }
	if _, err := testbed.Start(t.Context(), cfg); !errors.Is(err, testbed.ErrSetup) || !strings.Contains(err.Error(), "exit status 1") {
		t.Errorf("a NATS server that exits: %v", err)
	}
	cmds.CheckGone(t)
}
