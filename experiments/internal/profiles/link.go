package profiles

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/experiments/internal/linktrace"
)

const (
	linkKind   = "edgeprune link profile"
	linkFormat = 1
	linkMake   = "make one with: edgeprune testbed probe -o FILE"
)

// LinkFile is a link profile as it lies in a file.
type LinkFile struct {
	Head
	Created time.Time `json:"created"` // when measuring ended
	Program string    `json:"program"` // its revision
	// Largest is how large tokens were sent at most, as far as there was time for that.
	Largest int64 `json:"largest_bytes"`
	// Lost is how often devices lost their connection while it was measured.
	Lost uint64 `json:"connections_lost"`
	profile.Link
}

// NewLinkFile returns the file of a link that was measured with tokens of at most largest bytes.
func NewLinkFile(l *profile.Link, created time.Time, program string, largest int64) *LinkFile {
	return &LinkFile{Head: Head{linkKind, linkFormat}, Created: created.UTC().Truncate(time.Second), Program: program,
		Largest: largest, Link: *l}
}

// Bytes returns the file's content.
func (f *LinkFile) Bytes() ([]byte, error) {
	b, err := json.MarshalIndent(f, "", " ")
	return append(b, '\n'), err
}

// ReadLink reads a link profile. Errors wrap ErrFile, or are those of the file system.
func ReadLink(path string) (*LinkFile, error) {
	var f LinkFile
	err := readFile(path, linkKind, linkFormat, &f)
	if err == nil {
		err = f.check(path)
	}
	if err != nil {
		return nil, fmt.Errorf("%w; %s", err, linkMake)
	}
	return &f, nil
}

// check proves that the link can be computed with, and its names be printed.
func (f *LinkFile) check(path string) error {
	if err := f.Check(); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrFile, path, err)
	}
	for _, text := range []string{f.Program, f.Between[0], f.Between[1]} {
		if !printable(text) {
			return fmt.Errorf("%w: %s: a name in it can't be printed: %q", ErrFile, path, clipped(text))
		}
	}
	return nil
}

// Links reads what a platform's links name, relative to a folder, by the links' names. Links
// that name nothing are not in it; nil if none does.
func Links(p *plan.Platform, dir string) (map[string]*profile.Link, error) {
	var links map[string]*profile.Link
	for i := range p.Links {
		l := &p.Links[i]
		if l.Profile == "" && l.Trace == "" || len(l.Between) != 2 { // compiling refuses others
			continue
		}
		if links == nil {
			links = map[string]*profile.Link{}
		}
		read, err := link(l, dir)
		if err != nil {
			return nil, fmt.Errorf("profile of link %s: %w", l.Name, err)
		}
		links[l.Name] = read
	}
	return links, nil
}

func link(l *plan.Link, dir string) (*profile.Link, error) {
	of := &profile.Link{Between: [2]string{l.Between[0], l.Between[1]}}
	if l.Profile != "" {
		f, err := ReadLink(below(dir, l.Profile))
		if err != nil {
			return nil, err
		}
		of = f.Link.Taken(of.Between)
		of.File = l.Profile
	}
	if l.Trace != "" {
		t, err := linktrace.Read(below(dir, l.Trace), l.TraceLoop)
		if err != nil {
			return nil, err
		}
		if t.Latencies != nil && (l.Latency > 0 || l.Profile != "") {
			return nil, fmt.Errorf("%w: %s has a latency over time, and the link has a latency or a profile with one; leave "+
				"one of them out", linktrace.ErrFile, l.Trace)
		}
		of.Trace, of.Rates, of.Latencies = l.Trace, t.Rates, t.Latencies
	}
	return of, nil
}

// Media reads the capacities over time that a platform's media name, relative to a folder, by the
// media's names; nil if none does.
func Media(p *plan.Platform, dir string) (map[string]*profile.Medium, error) {
	var media map[string]*profile.Medium
	for i := range p.Media {
		m := &p.Media[i]
		if m.Trace == "" {
			continue
		}
		t, err := linktrace.Read(below(dir, m.Trace), m.TraceLoop)
		if err == nil && t.Latencies != nil {
			err = fmt.Errorf("%w: %s has a latency over time, which links have; leave latency_seconds out", linktrace.ErrFile,
				m.Trace)
		}
		if err != nil {
			return nil, fmt.Errorf("trace of medium %s: %w", m.Name, err)
		}
		if media == nil {
			media = map[string]*profile.Medium{}
		}
		media[m.Name] = &profile.Medium{Trace: m.Trace, Rates: t.Rates}
	}
	return media, nil
}

// below returns a path that is relative to a folder unless it is absolute.
func below(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}
