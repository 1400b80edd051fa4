package install_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// inside runs commands in a mount namespace in which /etc is a copy, /usr/local and /run are
// folders of the test's own, and systemctl is a stub that writes down how it was called.
func inside(t *testing.T, dir, script string) string {
	t.Helper()
	here, err := os.Getwd()
	require.NoError(t, err)
	cmd := exec.Command("unshare", "--mount", "sh", "-euc", `
mount --make-rprivate /
mount --bind "$T/etc" /etc
mount --bind "$T/local" /usr/local
mount --bind "$T/run" /run
PATH=$T/stubs:/usr/sbin:/usr/bin:/sbin:/bin
`+script)
	cmd.Env = append(os.Environ(), "T="+dir)
	cmd.Dir = here
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(out)
}

// The whole of an installation as root, with a user and a service.
func TestService(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, for namespaces and users")
	}
	if out, err := exec.Command(tool(t, "unshare"), "--mount", "true").CombinedOutput(); err != nil {
		t.Skipf("this machine lets nobody make mount namespaces: %s", out)
	}
	m := newMachine(t)
	dir := t.TempDir()
	for _, d := range []string{"local", "stubs", "run/systemd/system"} {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, d), 0o755))
	}
	out, err := exec.Command("cp", "-a", "/etc", filepath.Join(dir, "etc")).CombinedOutput()
	require.NoError(t, err, "%s", out)
	write(t, filepath.Join(dir, "stubs", "systemctl"), "#!/bin/sh\necho \"$*\" >>\"$T/called\"\n", 0o755)
	args := " --program " + m.program + " --testbed " + m.testbed

	got := inside(t, dir, "sh install.sh"+args+`
id -nG edgeprune
ls -ldn /etc/edgeprune/testbed/jetson.nk
id -u edgeprune`)
	assert.Contains(t, got, "made    the user edgeprune\n")
	assert.Contains(t, got, "runs; what it does: journalctl -fu edgeprune-agent\n")
	lines := strings.Split(strings.TrimSpace(got), "\n")
	groups, key, id := lines[len(lines)-3], strings.Fields(lines[len(lines)-2]), lines[len(lines)-1]
	assert.Contains(t, groups, "edgeprune")
	if exec.Command("getent", "group", "video").Run() == nil {
		assert.Contains(t, strings.Fields(groups), "video", "cameras and accelerators")
	}
	assert.Equal(t, id, key[2], "the key is the user's")
	assert.Equal(t, "-rw-------", key[0][:10])
	called := func() string {
		b, err := os.ReadFile(filepath.Join(dir, "called"))
		require.NoError(t, err)
		require.NoError(t, os.Remove(filepath.Join(dir, "called")))
		return string(b)
	}
	assert.Equal(t, "daemon-reload\nenable edgeprune-agent.service\nrestart edgeprune-agent.service\n", called())

	got = inside(t, dir, "sh install.sh"+args)
	assert.NotContains(t, got, "wrote")
	assert.NotContains(t, got, "made")
	assert.Equal(t, "daemon-reload\nenable edgeprune-agent.service\nis-active --quiet edgeprune-agent.service\n", called(),
		"a service that runs is left alone")

	got = inside(t, dir, "sh install.sh --uninstall\nls /usr/local/bin /etc/edgeprune")
	assert.Contains(t, got, "left    the user edgeprune: remove it with userdel edgeprune\n")
	assert.Contains(t, got, "testbed")
	assert.Equal(t, "disable --now edgeprune-agent.service\ndaemon-reload\n", called())

	write(t, m.program, "#!/bin/sh\necho 'libc.so.6: version GLIBC_2.34 not found' >&2\nexit 1\n", 0o755)
	got = inside(t, dir, "sh install.sh"+args+" || echo $?")
	assert.Equal(t, "install.sh: --program "+m.program+" doesn't run on this machine: libc.so.6: version GLIBC_2.34 not "+
		"found; see deploy/README.md for how to build it here\n2\n", got)
	_, err = os.Stat(filepath.Join(dir, "called"))
	require.ErrorIs(t, err, os.ErrNotExist)
}
