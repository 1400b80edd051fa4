package cli

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/builtin"
	"github.com/stretchr/testify/assert"
)

// fireFunc is a kernel made of its Fire alone.
type fireFunc func(*kernel.Firing) error

func (f fireFunc) Fire(x *kernel.Firing) error { return f(x) }
func (fireFunc) Close() error                  { return nil }

// ownKernels returns what a program with kernels of its own gives the command
// line, in this process and in those of its agents. From frame 3 on, "bursts",
// "loses" and "shortens" make mistakes.
func ownKernels() *kernel.Registry {
	r := builtin.Registry()
	for name, mistake := range map[string]func(*kernel.Firing){
		"own":      func(*kernel.Firing) {},
		"bursts":   func(*kernel.Firing) { panic("out of luck") },
		"loses":    func(f *kernel.Firing) { f.Out[0] = nil },
		"shortens": func(f *kernel.Firing) { f.Out[0][0].Len-- },
	} {
		err := r.Register(name, func(s kernel.Spec) (kernel.Kernel, error) {
			return fireFunc(func(f *kernel.Firing) error {
				copy(kernel.View[uint8](f.Out[0][0]), kernel.View[uint8](f.In[0][0]))
				if f.Frame >= 3 {
					mistake(f)
				}
				return nil
			}), s.CheckPorts([]string{"uint8[n]"}, []string{"uint8[n]"})
		})
		if err != nil {
			panic(err)
		}
	}
	return r
}

// A plan can name kernels that the program brings; one that does wrong ends the
// run with an error that names the actor and the port.
func TestOwnKernels(t *testing.T) {
	dataset(t, "onnxruntime")
	good := read(t, filepath.Join("testdata", "plan.yaml"))
	path := func(name string) string {
		return write(t, filepath.Join(t.TempDir(), "plan.yaml"), strings.Replace(good, "kernel: pass", "kernel: "+name, 1))
	}
	o := edgeprune(t, "run", path("own"), "--driver", "both")
	assert.Equal(t, exitOK, o.code, "exit code %d: %s%s", o.code, o.stdout, o.stderr)
	assert.Contains(t, o.stdout, "sim", "exit code %d: %s%s", o.code, o.stdout, o.stderr)
	assert.Contains(t, o.stdout, "deploy", "exit code %d: %s%s", o.code, o.stdout, o.stderr)
	for name, says := range map[string]string{
		"bursts": "the kernel panicked: out of luck", "loses": "output port out",
		"shortens": "output port out: not what the port promises: token 0 has 63 bytes",
	} {
		for _, driver := range []string{"deploy", "sim"} { // sim profiles the kernel first
			o := edgeprune(t, "run", path(name), "--driver", driver)
			assert.Equal(t, exitRun, o.code, "%s, %s: exit code %d; want 1 and %q of actor copy", name, driver, o.code, says)
			assert.Contains(t, o.stderr, "actor copy", "%s, %s: exit code %d; want 1 and %q of actor copy", name, driver, o.code,
				says)
			assert.Contains(t, o.stderr, says, "%s, %s: exit code %d; want 1 and %q of actor copy", name, driver, o.code, says)
		}
	}
	edgeprune(t, "run", path("other"), "--driver", "sim").refused(
		t, exitInput, "plan.yaml:6:", `unknown kernel "other"`, "own",
	)
}

// What a kernel refuses in a plan is the user's to correct, whoever makes the kernel.
func TestMisusedKernels(t *testing.T) {
	good := read(t, small)
	for name, change := range map[string][3]string{
		"parameter": {"kernel: count", "kernel: tensor, params: {seeed: 3}", `"seeed" is not a parameter of this kernel`},
		"value":     {"kernel: count", "kernel: tensor, params: {file: 3}", "bad parameter"},
		"ports":     {"kernel: count", "kernel: image-folder, params: {folder: .}", "ports don't suit the kernel"},
	} {
		path := write(t, filepath.Join(t.TempDir(), "plan.yaml"), strings.Replace(good, change[0], change[1], 1))
		for _, driver := range []string{"sim", "deploy"} {
			o := edgeprune(t, "run", path, "--driver", driver, "--json")
			assert.Equal(t, exitInput, o.code, "%s, %s: %s", name, driver, o.stderr)
			contains(t, o.stdout, `"kind":"input"`, strings.ReplaceAll(change[2], `"`, `\"`), "actor source")
		}
	}
}
