package datasets

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// wheel is a Python package of shared libraries, of which Python runs nothing.
type wheel struct {
	requirement string   // for the package client: name, version and digest
	keep        []string // files of it to unpack, by pattern of path.Match
}

// runtimeWheels are ONNX Runtime libraries with further execution providers, for amd64 and
// any glibc of 2.28 or later.
var runtimeWheels = map[string]wheel{
	"onnxruntime-openvino": {
		requirement: "onnxruntime-openvino==1.24.1 " +
			"--hash=sha256:3007c803634cc69c6d52af1dea7ce729d9bb62b9a11070fd2f959119199007a8",
		keep: []string{"libonnxruntime*.so*", "libopenvino.so.2541", "libopenvino_onnx_frontend.so.2541",
			"libopenvino_*_plugin.so", "libtbb.so.12", "libtbbmalloc.so", "LICENSE", "ThirdPartyNotices.txt"},
	},
	"onnxruntime-gpu": {
		requirement: "onnxruntime-gpu==1.27.0 --hash=sha256:404fb845dc06a04a28df5a2c6d5967bcf3f534e7df0b98507ff81686a1b49594",
		keep:        []string{"libonnxruntime*.so*", "LICENSE", "ThirdPartyNotices.txt"},
	},
}

// runtimeWheelRecipes are fetched only by name.
func runtimeWheelRecipes() []recipe {
	return []recipe{
		{
			name: "onnxruntime-openvino", what: "ONNX Runtime 1.24.1 with OpenVINO, for Intel and AMD processors (84 MB)",
			licence: "MIT, Apache-2.0", source: "PyPI: onnxruntime-openvino 1.24.1", version: "1 " + runtime.GOARCH,
			optional: true,
			build:    buildWheel("onnxruntime-openvino"),
		},
		{
			name: "onnxruntime-gpu", what: "ONNX Runtime 1.27.0 with CUDA and TensorRT, which need NVIDIA's libraries",
			licence: "MIT", source: "PyPI: onnxruntime-gpu 1.27.0", version: "1 " + runtime.GOARCH, optional: true,
			build: buildWheel("onnxruntime-gpu"),
		},
	}
}

// buildWheel fetches a wheel and unpacks its libraries, that of ONNX Runtime as
// libonnxruntime.so.1.
func buildWheel(name string) func(context.Context, *Store, string) error {
	return func(ctx context.Context, s *Store, dir string) (err error) {
		if runtime.GOARCH != "amd64" {
			return fmt.Errorf("%s is for amd64 only, this is %s; give your vendor's library by EDGEPRUNE_ORT_LIB", name,
				runtime.GOARCH)
		}
		temp, err := os.MkdirTemp(s.Dir, ".wheel-*")
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
		w := runtimeWheels[name]
		fetch := s.wheels
		if fetch == nil {
			fetch = pipDownload
		}
		if err := fetch(ctx, w.requirement, temp); err != nil {
			return err
		}
		files, err := filepath.Glob(filepath.Join(temp, "*.whl"))
		if err != nil || len(files) != 1 {
			return fmt.Errorf("%w: the package client gave %d wheels of %s, expected one", ErrPackages, len(files), name)
		}
		return w.unpack(files[0], dir)
	}
}

// pipDownload fetches what a requirement names, with its digest checked, into dir. No
// Python of any version is run but that of the package client.
func pipDownload(ctx context.Context, requirement, dir string) error {
	pip, err := exec.LookPath("pip3")
	if err != nil {
		pip, err = exec.LookPath("pip")
	}
	if err != nil {
		return fmt.Errorf("%w: pip is not installed (Debian: apt install python3-pip): %w", ErrPackages, err)
	}
	list := filepath.Join(dir, "requirements.txt")
	if err := os.WriteFile(list, []byte(requirement+"\n"), 0o644); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, pip, "download", "--quiet", "--no-cache-dir", "--no-deps", "--require-hashes",
		"--only-binary=:all:", "--implementation", "cp", "--python-version", "3.11",
		"--platform", "manylinux_2_28_x86_64", "--platform", "manylinux_2_27_x86_64", "--dest", dir, "--requirement", list)
	return runClient(ctx, cmd, "pip download")
}

// runClient runs a package client; its error has the end of what the client printed.
func runClient(ctx context.Context, cmd *exec.Cmd, name string) error {
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	err := cmd.Run()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		const tailBytes = 2000
		tail := output.Bytes()
		tail = tail[max(0, len(tail)-tailBytes):]
		client, _, _ := strings.Cut(name, " ")
		return fmt.Errorf(
			"%w: %s: %w; is the network, or the registry that %s is configured for, within reach? %s said:\n%s",
			ErrPackages, name, err, client, client, bytes.TrimSpace(tail))
	}
	return nil
}

// unpack writes the files to keep into dir.
func (w *wheel) unpack(file, dir string) error {
	z, err := zip.OpenReader(file)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrCorrupt, filepath.Base(file), err)
	}
	defer z.Close()
	for _, f := range z.File {
		name := path.Base(f.Name)
		wanted := slices.ContainsFunc(w.keep, func(p string) bool { ok, _ := path.Match(p, name); return ok })
		if !wanted || f.FileInfo().IsDir() {
			continue
		}
		if strings.HasPrefix(name, "libonnxruntime.so.") {
			name = "libonnxruntime.so.1"
		}
		if err := extract(f, filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("%s of %s: %w", f.Name, filepath.Base(file), err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "libonnxruntime.so.1")); err != nil {
		return fmt.Errorf("%w: %s holds no ONNX Runtime library: %w", ErrCorrupt, filepath.Base(file), err)
	}
	return nil
}

func extract(f *zip.File, to string) (err error) {
	from, err := f.Open()
	if err != nil {
		return err
	}
	defer from.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o755)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	_, err = io.Copy(out, from) // the wheel's digest was checked
	return err
}
