package result

import (
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

// BaselineCases returns the three baselines that every experiment holds, from what they
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

// FileName makes a file name of a case's or a plan's name. It has no characters with a
// meaning in a pattern.
func FileName(s string) string {
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
