// Package linktrace reads files of what a link does over time: its bandwidth, its latency or
// both. It may not know what the link is, nor simulate or shape one.
//
// # Formats
//
// A file whose name ends in .csv is a CSV file of the columns seconds, bytes_per_sec and
// latency_seconds, as its first row names them: either of the last two may be missing. Each row
// holds until the next one. The seconds begin at 0 and rise. Lines that begin with # are
// comments. This is what edgeprune testbed probe --for writes.
//
// Any other file is in the format of Mahimahi's mm-link if its first line is a whole number, and
// CSV if it is not. Each line of a Mahimahi file is a time in ms, not before the line above,
// at which 1500 bytes may pass; behind the last line, whose time must be above 0, the file
// begins anew (man mm-link). Here the bytes of time t pass evenly in the ms before it, and those
// of time 0 in the first ms.
package linktrace

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/edgeprune/edgeprune/core/profile"
)

// Bounds of a file, so that any other, such as a film, takes little memory before it is refused.
const (
	maxBytes = 64 << 20
	maxLine  = 64 << 10
	maxRows  = 1_000_000
)

// ErrFile says that a file is no trace of a link.
var ErrFile = errors.New("no trace of a link")

// Trace is what a link does over time. One of both is there at least.
type Trace struct {
	Rates     *profile.Rates     // nil: the bandwidth is not known
	Latencies *profile.Latencies // nil: the latency is not known
}

// Read reads a file. With loop, it begins anew at its end, as profile.NewRates has it; one of
// Mahimahi does in any case. Errors begin with file and line and wrap ErrFile,
// profile.ErrRates or profile.ErrLatencies, or are those of the file system.
func Read(path string, loop bool) (*Trace, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("trace of a link: %w; record one with: edgeprune testbed probe --for 60s -o FILE", err)
	}
	defer f.Close()
	return read(path, f, loop)
}

func read(path string, f io.Reader, loop bool) (*Trace, error) {
	// One byte more than is allowed, to tell a file of that size from a larger one.
	from := &io.LimitedReader{R: f, N: maxBytes + 1}
	t, err := parse(path, bufio.NewReader(&lines{from: from, number: 1}), loop)
	if from.N == 0 {
		return nil, fmt.Errorf("%s: %w: it has more than %d MiB; leave rows out, or cut it to the time of a run", path,
			ErrFile,
			maxBytes>>20)
	}
	return t, err
}

func parse(path string, b *bufio.Reader, loop bool) (*Trace, error) {
	if strings.EqualFold(filepath.Ext(path), ".csv") {
		return readCSV(path, b, loop)
	}
	first, err := b.Peek(16)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, unread(path, err)
	}
	line, _, _ := strings.Cut(string(first), "\n")
	line = strings.TrimSpace(line)
	switch {
	case strings.HasPrefix(line, "{"):
		return nil, fmt.Errorf("%s:1: %w: it is JSON; a link profile goes under the link's key profile", path, ErrFile)
	case line != "" && strings.Trim(line, "0123456789") == "":
		return readMahimahi(path, b)
	}
	return readCSV(path, b, loop)
}

// lines reads from another reader until a line is too long.
type lines struct {
	from   io.Reader
	number int // of the line, from 1
	length int
}

func (l *lines) Read(b []byte) (int, error) {
	n, err := l.from.Read(b)
	for rest := b[:n]; len(rest) > 0; {
		end := bytes.IndexByte(rest, '\n')
		if l.length += len(rest); end >= 0 {
			l.length += end - len(rest)
		}
		if l.length > maxLine {
			return 0, tooLong(l.number)
		}
		if end < 0 {
			break
		}
		l.number, l.length, rest = l.number+1, 0, rest[end+1:]
	}
	return n, err
}

// tooLong is the number of a line that is too long.
type tooLong int

func (l tooLong) Error() string { return fmt.Sprintf("line %d has more than %d bytes", l, maxLine) }

// unread returns why a file can't be read on.
func unread(path string, err error) error {
	var long tooLong
	if errors.As(err, &long) {
		return fmt.Errorf("%s:%d: %w: the line has more than %d bytes", path, int(long), ErrFile, maxLine)
	}
	return fmt.Errorf("trace of a link: %s: %w", path, err)
}

// longest is the longest time of a trace; a year is far beyond any.
const longest = 366 * 24 * time.Hour
