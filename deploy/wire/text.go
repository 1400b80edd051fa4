package wire

import (
	"maps"
	"strings"
	"unicode"

	"github.com/edgeprune/edgeprune/core/device"
)

const (
	// TextBytes bounds a text of another program, such as the report of an error, which may
	// hold a stack.
	TextBytes = 256 << 10
	// NoteBytes bounds a note of a kernel, and a name.
	NoteBytes = 1 << 10
	mostTexts = 1000 // of a list
)

// Clean makes a text of another program fit to print and to store: of at most that many
// bytes, in valid UTF-8, and without control characters, escape sequences among them, but
// for line breaks and tabs.
func Clean(text string, most int) string {
	cut := len(text) > most
	if cut {
		text = text[:most]
	}
	text = strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar) {
			return '?'
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	if cut {
		text += " ..."
	}
	return text
}

// Clean makes all texts of the answer fit to print: see the function of that name.
func (r *Reply) Clean() {
	clean(&r.Error, TextBytes)
	clean(&r.Incarnation, NoteBytes)
	r.Notes = cleanAll(r.Notes)
	if r.Began != nil {
		clean(&r.Began.Clock, NoteBytes)
	}
	if r.State != nil {
		cleanState(&r.State.Before)
		cleanState(&r.State.After)
	}
	for i := range r.Counted {
		clean(&r.Counted[i].Device, NoteBytes)
		clean(&r.Counted[i].Unit, NoteBytes)
	}
	if s := r.Status; s != nil {
		for _, text := range []*string{&s.Device, &s.Version, &s.GoVersion, &s.ORT, &s.Clock, &s.Run, &s.Host} {
			clean(text, NoteBytes)
		}
		s.State = State(Clean(string(s.State), NoteBytes))
		clean(&s.Failed, TextBytes)
		s.Waits = cleanAll(s.Waits)
		for kind, n := range maps.Clone(s.Rejected) {
			delete(s.Rejected, kind)
			s.Rejected[Clean(kind, NoteBytes)] += n
		}
		if s.Detail != nil {
			s.Detail.clean()
		}
		if s.Fingerprint != nil {
			cleanFingerprint(s.Fingerprint)
		}
	}
}

func cleanFingerprint(f *device.Fingerprint) {
	for _, text := range []*string{&f.Processor, &f.System, &f.Board, &f.PowerMode, &f.Runtime, &f.Program} {
		clean(text, NoteBytes)
	}
	f.Accelerators, f.Providers = cleanAll(f.Accelerators), cleanAll(f.Providers)
	f.Clocks = f.Clocks[:min(len(f.Clocks), mostTexts)]
	for i := range f.Clocks {
		clean(&f.Clocks[i].Of, NoteBytes)
		clean(&f.Clocks[i].Governor, NoteBytes)
	}
}

// Clean makes all texts of the heartbeat fit to print.
func (a *Alive) Clean() {
	clean(&a.Incarnation, NoteBytes)
	clean(&a.Run, NoteBytes)
	clean(&a.Failed, TextBytes)
	clean(&a.Goodbye, TextBytes)
	if a.Ended != nil {
		clean(&a.Ended.Why, TextBytes)
	}
}

func clean(text *string, most int) { *text = Clean(*text, most) }

func cleanAll(texts []string) []string {
	texts = texts[:min(len(texts), mostTexts)]
	for i := range texts {
		clean(&texts[i], NoteBytes)
	}
	return texts
}
