package cli

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/deploy/casequeue"
	"github.com/edgeprune/edgeprune/deploy/identity"
	"github.com/edgeprune/edgeprune/experiments/internal/study/studytest"
)

// casesOf returns the sorted rows of the only run of a study.
func casesOf(t *testing.T, results string) []string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(onlyRun(t, results), "cases.csv"))
	require.NoError(t, err)
	_, rows, _ := strings.Cut(string(b), "\n")
	return slices.Sorted(strings.Lines(rows))
}

// worker runs a worker, of the program that runs in this process, until the test ends. It is a
// process of its own, as two command lines in one share flags of the library.
func worker(t *testing.T, args ...string) (stop func() output) {
	t.Helper()
	k := &killed{t: t, args: append([]string{"study", "worker", "--workers", "2"}, args...),
		env: []string{revisionVariable + "=" + testRevision.Revision}}
	k.start()
	stop = sync.OnceValue(func() output {
		assert.NoError(t, k.cmd.Process.Signal(syscall.SIGTERM))
		_ = k.cmd.Wait() // its exit code says it
		return output{code: k.cmd.ProcessState.ExitCode(), stderr: k.out.String()}
	})
	t.Cleanup(func() { stop() })
	return stop
}

const searched = `vary:
  - {key: frame_rate, values: [20, 40]}
  - {key: count, of: cam, name: cameras, from: 1, to: 50}
ask: [{largest: cameras, where: latency_p99 <= 100ms}]
`

// A study over workers has the results of one on this machine, searches among them, and the
// files that a platform names travel with it. What is there is not simulated again.
func TestStudyFarm(t *testing.T) {
	url := openServer(t)
	file := studyIn(t, searched)
	plan := filepath.Join(filepath.Dir(file), "plan", "plan.yaml")
	write(t, filepath.Join(filepath.Dir(file), "links", "wifi.csv"), "seconds,bytes_per_sec\n0,1e6\n5,8e5\n")
	write(t, plan, strings.Replace(studytest.Plan, "latency: 1ms}", "latency: 1ms, trace: ../links/wifi.csv}", 1))
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	write(t, file, strings.Replace(string(b), "plan.yaml", "plan/plan.yaml", 1))
	here, there := t.TempDir(), t.TempDir()
	want := edgeprune(t, "study", "run", file, "--results", here)
	require.Zero(t, want.code, "%s", want.stderr)

	stop := worker(t, "--nats", url, "--name", "pc1")
	got := edgeprune(t, "study", "run", file, "--results", there, "--nats", url)
	require.Zero(t, got.code, "%s", got.stderr)
	assert.Equal(t, casesOf(t, here), casesOf(t, there))
	answers := func(o output) string {
		before, _, _ := strings.Cut(o.stdout, "what-if: ")
		return before
	}
	assert.Equal(t, answers(want), answers(got))

	var s struct {
		Queued  int `json:"queued"`
		Results int `json:"results"`
		Studies []struct {
			Name, State string
			Cases       int
		} `json:"studies"`
		Workers []struct {
			Name string
			Done int
		} `json:"workers"`
	}
	status := func() {
		o := edgeprune(t, "study", "status", "--nats", url, "--json")
		require.Zero(t, o.code, "%s", o.stderr)
		require.NoError(t, json.Unmarshal([]byte(o.stdout), &s))
	}
	status()
	assert.Equal(t, len(casesOf(t, here)), s.Results)
	require.Len(t, s.Studies, 1)
	assert.Equal(t, "what-if", s.Studies[0].Name)
	assert.Equal(t, casequeue.Finished, s.Studies[0].State)
	require.Len(t, s.Workers, 1)
	o := edgeprune(t, "study", "status", "--nats", url)
	require.Zero(t, o.code, "%s", o.stderr)
	assert.Contains(t, o.stdout, "\nwhat-if  finished  2 of 2 limits of question 1 of what-if  ")
	assert.Contains(t, o.stdout, "\npc1     ")

	o = stop()
	assert.Zero(t, o.code, "%s", o.stderr)
	assert.Contains(t, o.stderr, fmt.Sprintf("worker pc1 ends; it has simulated %d cases", s.Results))
	again := t.TempDir() // without a worker
	got = edgeprune(t, "study", "run", file, "--results", again, "--nats", url)
	require.Zero(t, got.code, "%s", got.stderr)
	assert.Equal(t, casesOf(t, here), casesOf(t, again))
}

// Ctrl-C of the owner keeps all: what was queued is simulated, and the same command goes on.
func TestStudyFarmGoesOn(t *testing.T) {
	url := openServer(t)
	file, here, there := studyIn(t, twoFactors), t.TempDir(), t.TempDir()
	require.Zero(t, edgeprune(t, "study", "run", file, "--results", here).code)
	ctx, cancel := context.WithCancel(t.Context())
	stopped := make(chan output)
	go func() { stopped <- edgepruneIn(ctx, "study", "run", file, "--results", there, "--nats", url) }()
	q, err := casequeue.Dial(t.Context(), &identity.Access{Name: "looks", URL: url}, casequeue.Options{})
	require.NoError(t, err)
	defer q.Close()
	until := func(is func(*casequeue.Status) bool) {
		t.Helper()
		require.Eventually(t, func() bool {
			s, err := q.Status(t.Context())
			return err == nil && is(s)
		}, 30*time.Second, 20*time.Millisecond)
	}
	until(func(s *casequeue.Status) bool { return s.Queued == 12 })
	cancel()
	o := <-stopped
	assert.Equal(t, exitRun, o.code)
	assert.Contains(t, o.stderr, "stopped; what was measured is kept, the same command goes on from there")
	until(func(s *casequeue.Status) bool { return s.Studies[0].State == casequeue.Stopped })
	worker(t, "--nats", url)
	until(func(s *casequeue.Status) bool { return s.Queued == 0 && s.Results == 12 })
	o = edgeprune(t, "study", "run", file, "--results", there, "--nats", url)
	require.Zero(t, o.code, "%s", o.stderr)
	assert.Equal(t, casesOf(t, here), casesOf(t, there))
	until(func(s *casequeue.Status) bool { return s.Studies[0].State == casequeue.Finished && s.Results == 12 })
}

// Cases that fail have their reason, whoever simulated them.
func TestStudyFarmFails(t *testing.T) {
	url := openServer(t)
	worker(t, "--nats", url)
	file, here, there := studyIn(t, "vary: [{key: cut, values: [shrink, detect]}]\n"), t.TempDir(), t.TempDir()
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	write(t, file, strings.Replace(string(b), "sink: 100us, ", "", 1))
	want := edgeprune(t, "study", "run", file, "--results", here)
	assert.Equal(t, exitRun, want.code)
	assert.Contains(t, want.stderr, "cost of actor sink: not measured")
	got := edgeprune(t, "study", "run", file, "--results", there, "--nats", url)
	assert.Equal(t, exitRun, got.code)
	assert.Equal(t, casesOf(t, here), casesOf(t, there))
}

// Only those with a key take part, each as far as its own goes.
func TestStudyFarmKeys(t *testing.T) {
	lab := filepath.Join(t.TempDir(), "lab")
	address := freeAddress(t)
	_, port, _ := strings.Cut(address, ":")
	o := edgeprune(t, "testbed", "init", lab, "--server", "hub=localhost", "--port", port, "--worker", "pc1",
		"--device", "cam")
	require.Zero(t, o.code, "%s", o.stderr)
	assert.Contains(t, o.stdout, "5. On every worker: edgeprune study worker --testbed worker-pc1/testbed.yaml\n"+
		"6. Where you run studies: edgeprune study run --testbed coordinator-coordinator/testbed.yaml STUDY.yaml\n")
	serveLab(t, filepath.Join(lab, "server"), address)
	of := func(folder string) string { return filepath.Join(lab, folder, "testbed.yaml") }
	file, here, there := studyIn(t, twoFactors), t.TempDir(), t.TempDir()
	worker(t, "--testbed", of("worker-pc1"))
	require.Zero(t, edgeprune(t, "study", "run", file, "--results", here).code)
	o = edgeprune(t, "study", "run", file, "--results", there, "--testbed", of("coordinator-coordinator"))
	require.Zero(t, o.code, "%s", o.stderr)
	assert.Equal(t, casesOf(t, here), casesOf(t, there))
	for _, folder := range []string{"worker-pc1", "coordinator-coordinator"} {
		o = edgeprune(t, "study", "status", "--testbed", of(folder))
		require.Zero(t, o.code, "%s", o.stderr)
		assert.Contains(t, o.stdout, "\npc1     ")
	}

	for args, want := range map[string]string{
		"run " + file + " --testbed " + of("worker-pc1"): of("worker-pc1") + " is the testbed file of worker pc1; this " +
			"command needs that of a coordinator",
		"run " + file + " --testbed " + of("device-cam"): of("device-cam") + " is the testbed file of device cam; this " +
			"command needs that of a coordinator",
		"worker --testbed " + of("coordinator-coordinator"): of("coordinator-coordinator") + " is the testbed file of " +
			"coordinator coordinator; this command needs that of a worker",
		"status --testbed " + of("device-cam"): of("device-cam") + " is the testbed file of device cam; this command needs " +
			"that of a coordinator or worker",
		"status --nats tls://" + "localhost:" + port + " --tls-ca " + filepath.Join(lab, "worker-pc1", "ca.pem"): "NATS " +
			"server at tls://localhost:" + port + ": identity refused: nats: Authorization Violation: the NATS server does " +
			"not know this client's key; give --testbed FILE, that of this machine and this testbed, or --nkey",
	} {
		o := edgeprune(t, append([]string{"study"}, strings.Fields(args)...)...)
		assert.Equal(t, exitInput, o.code, "%s", o.stderr)
		assert.Equal(t, "edgeprune: bad input: "+want+"\n", o.stderr)
	}
	bare := filepath.Join(t.TempDir(), "bare")
	require.Zero(t, edgeprune(t, "testbed", "init", bare, "--server", "hub", "--device", "cam").code)
	path := filepath.Join(bare, "coordinator-coordinator", "testbed.yaml")
	o = edgeprune(t, "study", "run", file, "--testbed", path)
	assert.Equal(t, "edgeprune: bad input: "+path+": testbed file: the testbed of coordinator coordinator has no "+
		"workers; make one with edgeprune testbed init --worker NAME, or give --nkey\n", o.stderr)
}

// killed is a process of the test binary that is killed with the test, or before.
type killed struct {
	t    *testing.T
	args []string
	env  []string // besides
	cmd  *exec.Cmd
	out  bytes.Buffer
}

func (k *killed) start() {
	k.cmd = exec.Command(os.Args[0], k.args...)
	k.cmd.Env = append(append(os.Environ(), childVariable+"=yes"), k.env...)
	k.out.Reset()
	k.cmd.Stderr = &k.out
	require.NoError(k.t, k.cmd.Start())
}

func (k *killed) kill() {
	_ = k.cmd.Process.Kill()
	_ = k.cmd.Wait() // it was killed
}

// farmVariable asks for a larger test of kills, as cases,workers,kills.
const farmVariable = "EDGEPRUNE_FARM"

// Workers and the server are killed in the midst of a study; its results are those of one that
// runs on this machine, and none is lost or doubled.
func TestStudyFarmKills(t *testing.T) {
	cases, workers, kills := 200, 2, 2
	if text := os.Getenv(farmVariable); text != "" {
		_, err := fmt.Sscanf(text, "%d,%d,%d", &cases, &workers, &kills)
		require.NoError(t, err)
	}
	address, dir := freeAddress(t), t.TempDir()
	url := "nats://" + address
	config := write(t, filepath.Join(dir, "nats-server.conf"), fmt.Sprintf("listen: %q\njetstream { store_dir: %q }\n",
		address, filepath.Join(dir, "store")))
	server := &killed{t: t, args: []string{"broker", "--config", config}}
	server.start()
	t.Cleanup(server.kill)
	var look *casequeue.Queue
	require.Eventually(t, func() bool {
		var err error
		look, err = casequeue.Dial(t.Context(), &identity.Access{Name: "looks", URL: url}, casequeue.Options{})
		return err == nil
	}, 30*time.Second, 50*time.Millisecond)
	defer look.Close()
	status := func() *casequeue.Status {
		s, err := look.Status(t.Context())
		require.NoError(t, err)
		return s
	}
	all := make([]*killed, workers)
	for i := range all {
		all[i] = &killed{t: t, args: []string{"study", "worker", "--nats", url, "--workers", "1"}}
		all[i].start()
		t.Cleanup(func() { all[i].kill() })
	}

	results := uint64(0)
	for round := 1; ; round++ { // until the kills were in its midst, and not after it
		require.LessOrEqual(t, round, 20, "the study is over before its workers can be killed")
		file := studyIn(t, fmt.Sprintf("vary: [{key: seed, values: [%d]}, {key: slowdown, of: cam.cpu, from: 1, to: 10, "+
			"steps: %d}]\n", round, cases))
		plan := filepath.Join(filepath.Dir(file), "plan.yaml")
		write(t, plan, strings.Replace(studytest.Plan, "frames: 10,", "frames: 50,", 1))
		here, there := t.TempDir(), t.TempDir()
		began := time.Now()
		require.Zero(t, edgeprune(t, "study", "run", file, "--results", here).code)
		local := time.Since(began)
		want := casesOf(t, here)
		require.Len(t, want, cases)

		owner := &killed{t: t, args: []string{"study", "run", file, "--results", there, "--nats", url}}
		began = time.Now()
		owner.start()
		over := make(chan error, 1)
		go func() { over <- owner.cmd.Wait() }()
		rng := rand.New(rand.NewPCG(uint64(round), 0))
		inMidst := true
		for k := 1; k <= kills+1; k++ { // the last one is the server
			goal := results + uint64(k*cases/(kills+2))
			for s := status(); s.Results < goal; s = status() {
				select {
				case err := <-over:
					require.NoError(t, err, "%s", owner.out.String())
					over <- nil
				case <-time.After(time.Millisecond):
					continue
				}
				break
			}
			victim := all[rng.IntN(workers)]
			if k == kills+1 {
				victim = server
			}
			victim.kill()
			victim.start()
			inMidst = inMidst && status().Results < results+uint64(cases)
		}
		select {
		case err := <-over:
			require.NoError(t, err, "%s", owner.out.String())
		case <-time.After(5 * time.Minute):
			owner.kill()
			t.Fatalf("the study does not end: %s", owner.out.String())
		}
		farm := time.Since(began)
		assert.Equal(t, want, casesOf(t, there))
		for _, line := range want {
			record, err := csv.NewReader(strings.NewReader(line)).Read()
			require.NoError(t, err)
			assert.Empty(t, record[len(record)-1], "no case was given up")
		}
		results += uint64(cases)
		assert.Equal(t, results, status().Results, "a result a case")
		t.Logf("%d cases: %v here (%.0f cases/s), %v over %d workers with %d kills and a server that was killed (%.0f "+
			"cases/s); equal results", cases, local.Round(time.Millisecond), float64(cases)/local.Seconds(),
			farm.Round(time.Millisecond), workers, kills, float64(cases)/farm.Seconds())
		if inMidst {
			return
		}
	}
}

// serveLab serves a testbed that init has made, until the test ends.
func serveLab(t *testing.T, folder, address string) {
	t.Helper()
	server := &killed{t: t}
	server.cmd = exec.Command(os.Args[0], "broker", "--config", "nats-server.conf")
	server.cmd.Dir, server.cmd.Env = folder, append(os.Environ(), childVariable+"=yes")
	require.NoError(t, server.cmd.Start())
	t.Cleanup(server.kill)
	require.Eventually(t, func() bool {
		c, err := net.Dial("tcp", address)
		if err == nil {
			c.Close()
		}
		return err == nil
	}, 30*time.Second, 50*time.Millisecond)
}
