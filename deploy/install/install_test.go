package install_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// machine is what a script finds: a root folder, and what is to be installed.
type machine struct {
	root, program, testbed, library string
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	dir := t.TempDir()
	m := &machine{
		root: filepath.Join(dir, "root"), program: filepath.Join(dir, "edgeprune"),
		testbed: filepath.Join(dir, "device-jetson"), library: filepath.Join(dir, "ort", "libonnxruntime.so.1.27.0"),
	}
	require.NoError(t, os.Mkdir(m.root, 0o755))
	write(t, m.program, "#!/bin/sh\necho edgeprune version 1\n", 0o755)
	write(t, filepath.Join(m.testbed, "testbed.yaml"), "name: jetson\n", 0o644)
	write(t, filepath.Join(m.testbed, "jetson.nk"), "a seed\n", 0o600)
	write(t, m.library, "a library", 0o644)
	write(t, filepath.Join(filepath.Dir(m.library), "libonnxruntime_providers_shared.so"), "another", 0o644)
	return m
}

func write(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text), mode))
}

// sh runs the script and returns what it wrote and its exit code.
func sh(t *testing.T, args ...string) (string, int) {
	t.Helper()
	out, err := exec.Command("sh", append([]string{"install.sh"}, args...)...).CombinedOutput()
	var exit *exec.ExitError
	if err != nil {
		require.ErrorAs(t, err, &exit)
		return string(out), exit.ExitCode()
	}
	return string(out), 0
}

// install runs it below the machine's root, with all that there is to install.
func (m *machine) install(t *testing.T) (string, int) {
	t.Helper()
	return sh(t, "--root", m.root, "--program", m.program, "--testbed", m.testbed, "--library", m.library)
}

// files lists what is below the root, with the permissions.
func (m *machine) files(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	require.NoError(t, filepath.WalkDir(m.root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		all[strings.TrimPrefix(path, m.root)] = info.Mode().String()
		return err
	}))
	return all
}

func (m *machine) read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(m.root + path)
	require.NoError(t, err)
	return string(b)
}

func TestInstall(t *testing.T) {
	m := newMachine(t)
	out, code := m.install(t)
	require.Zero(t, code, out)
	installed := map[string]string{
		"/usr/local/bin/edgeprune":                                    "-rwxr-xr-x",
		"/usr/local/lib/edgeprune/installed.sha256":                   "-rw-r--r--",
		"/usr/local/lib/edgeprune/libonnxruntime.so.1":                "-rw-r--r--",
		"/usr/local/lib/edgeprune/libonnxruntime_providers_shared.so": "-rw-r--r--",
		"/etc/systemd/system/edgeprune-agent.service":                 "-rw-r--r--",
		"/etc/edgeprune/agent.env":                                    "-rw-r--r--",
		"/etc/edgeprune/testbed/testbed.yaml":                         "-rw-------",
		"/etc/edgeprune/testbed/jetson.nk":                            "-rw-------",
	}
	assert.Equal(t, installed, m.files(t))
	assert.Contains(t, m.read(t, "/etc/edgeprune/agent.env"),
		"\nEDGEPRUNE_ORT_LIB=/usr/local/lib/edgeprune/libonnxruntime.so.1\n")
	info, err := os.Stat(m.root + "/etc/edgeprune/testbed")
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o700), info.Mode().Perm())

	out, code = m.install(t)
	require.Zero(t, code, out)
	assert.NotContains(t, out, "wrote", "a second time nothing is left to do")
	assert.Equal(t, installed, m.files(t))
}

// Another version of the program replaces what the script wrote; settings are the user's.
func TestUpdate(t *testing.T) {
	m := newMachine(t)
	_, code := m.install(t)
	require.Zero(t, code)
	write(t, m.root+"/etc/edgeprune/agent.env", "EDGEPRUNE_AGENT_ARGS=--power\n", 0o644)
	write(t, m.program, "#!/bin/sh\necho edgeprune version 2\n", 0o755)
	out, code := sh(t, "--root", m.root, "--program", m.program)
	require.Zero(t, code, out)
	assert.Contains(t, m.read(t, "/usr/local/bin/edgeprune"), "version 2")
	assert.Equal(t, "EDGEPRUNE_AGENT_ARGS=--power\n", m.read(t, "/etc/edgeprune/agent.env"))
	out, code = m.install(t)
	require.Zero(t, code, out)
	assert.Contains(t, out,
		"agent.env doesn't name the library: EDGEPRUNE_ORT_LIB=/usr/local/lib/edgeprune/libonnxruntime.so.1\n")
}

// What somebody else put there, or has changed, is neither overwritten nor removed, and nothing
// else is written then.
func TestFilesOfOthers(t *testing.T) {
	for _, path := range []string{"/usr/local/bin/edgeprune", "/etc/systemd/system/edgeprune-agent.service"} {
		m := newMachine(t)
		write(t, m.root+path, "theirs", 0o644)
		out, code := m.install(t)
		assert.Equal(t, 1, code)
		assert.Equal(t, "install.sh: "+m.root+path+" is there and was not put there by this script, or was changed since; "+
			"move it away first\n", out)
		assert.Equal(t, map[string]string{path: "-rw-r--r--"}, m.files(t))
	}
	m := newMachine(t)
	_, code := m.install(t)
	require.Zero(t, code)
	write(t, m.root+"/etc/systemd/system/edgeprune-agent.service", "changed", 0o644)
	out, code := m.install(t)
	assert.Equal(t, 1, code, out)
	write(t, m.testbed+"/testbed.yaml", "name: another\n", 0o644)
	require.NoError(t, os.Remove(m.root+"/etc/systemd/system/edgeprune-agent.service"))
	out, code = m.install(t)
	assert.Equal(t, 1, code)
	assert.Equal(t, "install.sh: "+m.root+"/etc/edgeprune/testbed is there and differs from "+m.testbed+
		"; move it away first\n", out)
	assert.Equal(t, "name: jetson\n", m.read(t, "/etc/edgeprune/testbed/testbed.yaml"))
}

func TestUninstall(t *testing.T) {
	m := newMachine(t)
	_, code := m.install(t)
	require.Zero(t, code)
	write(t, m.root+"/usr/local/lib/edgeprune/libonnxruntime.so.1", "changed", 0o644)
	out, code := sh(t, "--root", m.root, "--uninstall")
	require.Zero(t, code, out)
	assert.Contains(t, out, "left    "+m.root+"/usr/local/lib/edgeprune/libonnxruntime.so.1: it was changed since\n")
	assert.Contains(t, out, "left    "+m.root+"/etc/edgeprune: remove it with rm -r, if nothing in it is needed\n")
	assert.Equal(t, map[string]string{
		"/usr/local/lib/edgeprune/libonnxruntime.so.1": "-rw-r--r--",
		"/etc/edgeprune/agent.env":                     "-rw-r--r--",
		"/etc/edgeprune/testbed/testbed.yaml":          "-rw-------",
		"/etc/edgeprune/testbed/jetson.nk":             "-rw-------",
	}, m.files(t))
	out, code = sh(t, "--root", m.root, "--uninstall")
	require.Zero(t, code)
	assert.Equal(t, "nothing that this script has put here is left\n", out)
}

func TestArguments(t *testing.T) {
	out, code := sh(t, "--help")
	require.Zero(t, code)
	assert.True(t, strings.HasPrefix(out, "install.sh - make this machine one device"), out)
	m := newMachine(t)
	into := []string{"--root", m.root}
	program := slices.Concat(into, []string{"--program", m.program})
	for _, c := range []struct {
		want string
		args []string
	}{
		{"unknown argument --prog; see --help", []string{"--prog"}},
		{"--program needs a value; see --help", []string{"--program"}},
		{"--program is missing; see --help", into},
		{"--program no/such: there is no such file", slices.Concat(into, []string{"--program", "no/such"})},
		{"--root no/such: there is no such folder", []string{"--root", "no/such"}},
		{"--testbed is missing; see --help", program},
		{"--uninstall takes none of --program, --testbed and --library", slices.Concat(program, []string{"--uninstall"})},
		{"--testbed /: there is no testbed.yaml in it; see edgeprune testbed init",
			slices.Concat(program, []string{"--testbed", "//"})},
		{"--library no/such: there is no such file",
			slices.Concat(program, []string{"--testbed", m.testbed, "--library", "no/such"})},
	} {
		out, code := sh(t, c.args...)
		assert.Equal(t, 2, code, c.want)
		assert.Equal(t, "install.sh: "+c.want+"\n", out)
	}
	assert.Empty(t, m.files(t))
}

// The program is tried before anything is written: the file itself, also if its name has no folder.
func TestProgramIsTried(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root may install without --root")
	}
	m := newMachine(t)
	write(t, m.program, "#!/bin/sh\necho it is too new\nexit 1\n", 0o755)
	script, err := filepath.Abs("install.sh")
	require.NoError(t, err)
	cmd := exec.Command("sh", script, "--program", filepath.Base(m.program), "--testbed", m.testbed)
	cmd.Dir = filepath.Dir(m.program)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	assert.Equal(t, 2, exit.ExitCode())
	assert.Equal(t, "install.sh: --program ./edgeprune doesn't run on this machine: it is too new; see deploy/README.md "+
		"for how to build it here\n", string(out))
}

// tool returns the path of a program that a test needs.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if errors.Is(err, exec.ErrNotFound) {
		t.Skipf("%s is not installed here", name)
	}
	require.NoError(t, err)
	return path
}

func TestShellcheck(t *testing.T) {
	out, err := exec.Command(tool(t, "shellcheck"), "install.sh").CombinedOutput()
	assert.NoError(t, err, "%s", out)
}

// systemd finds nothing wrong in the unit but for the program, which is not installed here.
func TestUnit(t *testing.T) {
	analyze := tool(t, "systemd-analyze")
	text, err := os.ReadFile("edgeprune-agent.service")
	require.NoError(t, err)
	require.Contains(t, string(text), "ExecStart=/usr/local/bin/edgeprune agent ")
	path := filepath.Join(t.TempDir(), "edgeprune-agent.service")
	write(t, path, strings.Replace(string(text), "/usr/local/bin/edgeprune", "/bin/true", 1), 0o644)
	out, err := exec.Command(analyze, "verify", path).CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.Empty(t, string(out))
}
