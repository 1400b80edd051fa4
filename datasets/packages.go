package datasets

import (
	"context"
	"crypto/sha256"
	"embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// The package list and its lock file with integrity hashes. Where packages
// come from is the user's own configuration of the package client.
//
//go:embed npm/package.json npm/package-lock.json npm/.npmrc
//go:embed npm/models/package.json npm/models/package-lock.json npm/models/.npmrc
//go:embed npm/nanodet/package.json npm/nanodet/package-lock.json npm/nanodet/.npmrc
var packageFiles embed.FS

// The sets of packages. Each has a lock file of its own, so that a new package in
// one leaves the others as they are.
const (
	packages        = "npm-packages"
	modelPackages   = "npm-model-packages"
	nanoDetPackages = "npm-nanodet-packages"
)

func packagesRecipe() recipe {
	return packageSet(recipe{
		name: packages, what: "packages from which other data sets are taken (ONNX Runtime, face detector, photographs)",
		licence: "MIT", source: "npm: onnxruntime-node 1.27.0, @vladmandic/face-api 1.7.15",
	}, "npm")
}

// packageSet completes a recipe that installs what the lock file in the
// embedded folder names.
func packageSet(r recipe, folder string) recipe {
	lockFile, _ := packageFiles.ReadFile(folder + "/package-lock.json") // embedded: always there
	r.version = fmt.Sprintf("%x", sha256.Sum256(lockFile))[:12]
	r.build = func(ctx context.Context, s *Store, dir string) error {
		for _, name := range []string{"package.json", "package-lock.json", ".npmrc"} {
			data, err := packageFiles.ReadFile(folder + "/" + name)
			if err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
				return err
			}
		}
		if s.packages != nil {
			return s.packages(ctx, dir)
		}
		return npmInstall(ctx, dir)
	}
	return r
}

// npmInstall installs what the lock file in dir names, without running any of
// the packages' scripts.
func npmInstall(ctx context.Context, dir string) error {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return fmt.Errorf("%w: npm is not installed (Debian: apt install npm): %w", ErrPackages, err)
	}
	cmd := exec.CommandContext(ctx, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	cmd.Dir = dir
	return runClient(ctx, cmd, "npm ci")
}

// packageFile is a file in the package set packages, with the SHA-256 of its
// content.
type packageFile struct {
	path, sha256 string
}

// take reads f and checks its content.
func (s *Store) take(f packageFile) ([]byte, error) { return s.takeFrom(packages, f) }

// takeFrom reads f of another package set and checks its content.
func (s *Store) takeFrom(set string, f packageFile) ([]byte, error) {
	root := filepath.Join(s.Dir, set)
	path := filepath.Join(root, "node_modules", filepath.FromSlash(f.path))
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	if err == nil && fmt.Sprintf("%x", sha256.Sum256(data)) == f.sha256 {
		return data, nil
	}
	return nil, fmt.Errorf("%w or missing: %s; remove the directory %s and run the command again", ErrCorrupt, path, root)
}

// place puts the checked file f into dir as name: linked where the file system
// can, else copied.
func (s *Store) place(f packageFile, dir, name string) error {
	return s.placeFrom(packages, f, dir, name)
}

func (s *Store) placeFrom(set string, f packageFile, dir, name string) error {
	data, err := s.takeFrom(set, f)
	if err != nil {
		return err
	}
	from := filepath.Join(s.Dir, set, "node_modules", filepath.FromSlash(f.path))
	to := filepath.Join(dir, name)
	if os.Link(from, to) == nil {
		return nil
	}
	return os.WriteFile(to, data, 0o644)
}
