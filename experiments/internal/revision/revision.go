// Package revision says which program is running: the revision that it was built from,
// and a digest of the executable where that doesn't tell. It may not run anything.
package revision

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"runtime/debug"
)

// Info tells programs apart: results of two programs with equal Info may be joined.
type Info struct {
	// Revision is the commit that the program was built from, or else the version of its
	// module, or empty if the build knows neither.
	Revision string `json:"revision,omitempty"`
	Modified bool   `json:"modified,omitempty"` // the tree differed from the commit
	// Digest is the SHA-256 of the executable, in hex. It stands where the revision alone
	// doesn't tell what was built: without one, or of a modified tree.
	Digest string `json:"executable_sha256,omitempty"`
}

const shown = 12 // hex digits

// Of reads the revision from the build information, which is nil if there is none. open
// opens the running executable; it is called only where the digest is needed.
func Of(build *debug.BuildInfo, open func() (io.ReadCloser, error)) (Info, error) {
	info := fromBuild(build)
	if info.Revision != "" && !info.Modified {
		return info, nil
	}
	f, err := open()
	if err != nil {
		return Info{}, fmt.Errorf("revision: open the executable: %w", err)
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return Info{}, fmt.Errorf("revision: read the executable: %w", err)
	}
	info.Digest = hex.EncodeToString(sum.Sum(nil))
	return info, nil
}

func fromBuild(build *debug.BuildInfo) Info {
	var info Info
	if build == nil {
		return info
	}
	for _, s := range build.Settings {
		switch s.Key {
		case "vcs.revision":
			info.Revision = s.Value
		case "vcs.modified":
			info.Modified = s.Value == "true"
		}
	}
	if v := build.Main.Version; info.Revision == "" && v != "" && v != "(devel)" {
		info.Revision = v
	}
	return info
}

// String names the program in one line: the revision, whether the tree was modified, and
// the digest where it is needed.
func (i Info) String() string {
	name := short(i.Revision)
	if name == "" {
		name = "no revision"
	}
	if i.Modified {
		name += ", modified"
	}
	if i.Digest != "" {
		name += ", executable " + short(i.Digest)
	}
	return name
}

// short cuts hex digits off; it leaves a version of a module as it is.
func short(s string) string {
	if _, err := hex.DecodeString(s); err != nil || len(s) < shown {
		return s
	}
	return s[:shown]
}
