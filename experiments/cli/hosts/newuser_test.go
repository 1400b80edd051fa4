//go:build hosts

package hosts

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/testbed/hoststest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// user types commands on hosts, each in a home folder of the host's own, and keeps what was
// typed and what came.
type user struct {
	*hoststest.Hosts
	home  string // the path, on every host
	began time.Time
	paper strings.Builder
}

// command is a command line as it runs in the home folder of a host.
func (u *user) command(line string) []string {
	return []string{"env", "-C", u.home, "PATH=" + filepath.Dir(program) + ":" + os.Getenv("PATH"), "sh", "-c", line}
}

// note keeps a text of a host, with the time since the user began.
func (u *user) note(host, text string) {
	fmt.Fprintf(&u.paper, "%5.1f s %s%s\n", time.Since(u.began).Seconds(), host, text)
}

// types runs a command that ends, and returns what it wrote.
func (u *user) types(t *testing.T, host, line string) string {
	t.Helper()
	u.note(host, "$ "+line)
	p := u.Start(t, host, u.command(line)...)
	<-p.Done()
	u.paper.WriteString(p.Output())
	require.Zero(t, p.Code(), u.paper.String())
	return p.Output()
}

// leaves runs a command that goes on, once it has written a text.
func (u *user) leaves(t *testing.T, host, line, says string) {
	t.Helper()
	u.note(host, "$ "+line)
	p := u.Start(t, host, u.command("exec "+line)...)
	require.Eventually(t, func() bool { return strings.Contains(p.Output(), says) || p.Ended() }, soon,
		20*time.Millisecond, "%s", line)
	require.Contains(t, p.Output(), says, u.paper.String())
	for l := range strings.Lines(p.Output()) {
		if strings.Contains(l, says) {
			u.paper.WriteString(l)
		}
	}
}

// copies takes a folder from one host to another, as scp does; no host has an SSH server.
func (u *user) copies(t *testing.T, from, folder, to string) {
	t.Helper()
	u.note(from, fmt.Sprintf("$ tar -c -C %s %s | (%s) tar -x", filepath.Dir(folder), filepath.Base(folder), to))
	out := u.Command(from, u.command("tar -c -C "+filepath.Dir(folder)+" "+filepath.Base(folder))...)
	in := u.Command(to, u.command("tar -x")...)
	var err error
	in.Stdin, err = out.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, in.Start())
	require.NoError(t, out.Run())
	require.NoError(t, in.Wait())
}

// A new user comes from nothing to a run on three hosts, by what the program says to do. No
// host sees the others' files.
func TestNewUser(t *testing.T) {
	u := &user{Hosts: hoststest.New(t, map[string]hoststest.Spec{
		"laptop": {Ahead: 2 * day}, "hub": {Ahead: day}, "jetson": {},
	}), home: t.TempDir(), began: time.Now()}
	for _, host := range u.Names() {
		u.Folder(t, host, u.home, 64<<20)
	}
	plan := strings.NewReplacer("name: endpoint", "name: jetson", "endpoint.cpu", "jetson.cpu",
		"name: server", "name: hub", "server.cpu", "hub.cpu", "[endpoint, server]", "[jetson, hub]",
		"frames: 200", "frames: 60").Replace(counted)
	write := u.Command("laptop", u.command("cat >plan.yaml")...)
	write.Stdin = strings.NewReader(plan)
	require.NoError(t, write.Run())

	made := u.types(t, "laptop", "edgeprune testbed init lab --server main="+u.Address("hub")+
		" --device jetson --device hub")
	assert.Contains(t, made, "nats-server -c nats-server.conf")
	assert.Contains(t, made, "edgeprune agent --testbed")
	u.copies(t, "laptop", "lab/server", "hub")
	u.copies(t, "laptop", "lab/device-hub", "hub")
	u.copies(t, "laptop", "lab/device-jetson", "jetson")
	u.types(t, "laptop", "cp -rp lab/coordinator-coordinator . && rm -r lab")
	u.leaves(t, "hub", "env -C server nats-server -c nats-server.conf", "Server is ready")
	u.leaves(t, "hub", "edgeprune agent --testbed device-hub/testbed.yaml", "connected")
	u.leaves(t, "jetson", "edgeprune agent --testbed device-jetson/testbed.yaml", "connected")
	const status = "edgeprune testbed status --testbed coordinator-coordinator/testbed.yaml"
	free := regexp.MustCompile(`(?ms)^hub +free.*^jetson +free`)
	for !free.MatchString(u.types(t, "laptop", status)) { // an agent may answer late on a loaded machine
		require.Less(t, time.Since(u.began), soon, u.paper.String())
	}
	u.types(t, "laptop", "edgeprune run --testbed coordinator-coordinator/testbed.yaml plan.yaml")
	results, err := u.Command("laptop", u.command("cat results/*/*/traces/deploy/*-results.jsonl")...).Output()
	require.NoError(t, err)
	got, err := trace.ReadResults(strings.NewReader(string(results)))
	require.NoError(t, err)
	require.Len(t, got, 60)
	for i, r := range got {
		assert.Equal(t, int64(i), r.Frame)
	}
	_, err = os.Stat(filepath.Join(u.home, "plan.yaml"))
	require.ErrorIs(t, err, os.ErrNotExist, "the hosts share files")
	u.types(t, "laptop", status)
	u.note("", "in all; without the time that people take to type")
	t.Logf("\n%s", u.paper.String())
}
