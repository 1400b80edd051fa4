package result

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/edgeprune/edgeprune/core/codec"
)

// Kind says what an experiment compares.
type Kind string

// The kinds of experiment.
const (
	OfCuts      Kind = "cuts"      // of its model
	OfParameter Kind = "parameter" // values of a parameter, under one mapping
	OfMappings  Kind = "mappings"  // of the application to devices
)

// BaselineCases returns the three baselines that an experiment on pictures holds, from what they
// have in common.
func BaselineCases(base Case) []Case {
	var cases []Case
	for _, b := range []struct {
		of           Baseline
		label, codec string
	}{
		{AllOnEndpoint, "all on endpoint", codec.None},
		{RawToServer, "all on server, raw", codec.None},
		{JPEGToServer, "all on server, JPEG", codec.JPEG},
	} {
		c := base
		c.Baseline, c.Label, c.Codec, c.RawFrame = b.of, b.label, b.codec, b.of != AllOnEndpoint
		cases = append(cases, c)
	}
	return cases
}

// longest is how long a file name is at most, in bytes; systems take 255, and endings and
// the names of temporary files are added.
const longest = 180

// FileName makes a file name of a case's or a plan's name. It has no characters with a
// meaning in a pattern, begins with no dot, and is never empty. Of a name that is too long,
// the end is replaced by a digest of it.
func FileName(s string) string {
	name := plainName(s)
	if name == "" || name[0] == '.' {
		name = "-" + strings.TrimLeft(name, ".")
	}
	if len(name) > longest {
		sum := sha256.Sum256([]byte(s))
		name = name[:longest] + "-" + hex.EncodeToString(sum[:6])
	}
	return name
}

func plainName(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '.', c == '_', c == '+':
			return c
		case c == ',':
			return -1
		}
		return '-'
	}, s)
}
