package deploy_test

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/deploy"
	"github.com/nats-io/nats.go/jetstream"
)

// restarting returns a configuration of child agents and a NATS server of its own
// that are started again.
func restarting(started *[]*exec.Cmd, devices ...string) deploy.TestbedConfig {
	cfg := children("", started, devices...)
	cfg.Restarts = 20
	cfg.Broker = func(port int, store string) *exec.Cmd {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childPort+"="+strconv.Itoa(port), childState+"="+store)
		return cmd
	}
	return cfg
}

func TestKilledChildrenComeBack(t *testing.T) {
	var cmds []*exec.Cmd
	tb, err := deploy.NewTestbed(t.Context(), restarting(&cmds, "d0", "d1"))
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
			got, err := deploy.Discover(t.Context(), tb.Conn(), 100*time.Millisecond)
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
	if err := tb.Kill("d9"); !errors.Is(err, deploy.ErrTestbed) {
		t.Errorf("kill of nobody: %v", err)
	}
	tb.Close()
	gone(t, cmds)
	if err := tb.Err(); err != nil {
		t.Errorf("after a close: %v", err)
	}
}

func TestRestartsAreBounded(t *testing.T) {
	var cmds []*exec.Cmd
	cfg := children("broken", &cmds, "d0")
	cfg.Restarts = 2
	_, err := deploy.NewTestbed(t.Context(), cfg)
	if !errors.Is(err, deploy.ErrAgentLost) || !strings.Contains(err.Error(), "ended 3 times") || !strings.Contains(err.Error(), "no such camera") {
		t.Errorf("got %v", err)
	}
	if len(cmds) != 3 {
		t.Errorf("started %d times", len(cmds))
	}
	cfg = restarting(&cmds, "d0")
	cfg.Restarts = 0
	cfg.Broker = func(int, string) *exec.Cmd { return exec.Command("false") }
	if _, err := deploy.NewTestbed(t.Context(), cfg); !errors.Is(err, deploy.ErrTestbed) || !strings.Contains(err.Error(), "exit status 1") {
		t.Errorf("a NATS server that exits: %v", err)
	}
	gone(t, cmds)
}
