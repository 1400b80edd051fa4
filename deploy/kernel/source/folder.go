package source

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/edgeprune/edgeprune/deploy/files"
	"github.com/edgeprune/edgeprune/deploy/kernel"
)

// endings are those of the names of a folder's pictures. Which format a file has is read
// from its content.
var endings = []string{
	".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".gif", ".webp", ".bmp", ".dib", ".tif", ".tiff",
	".heic", ".heif", ".avif", ".jxl", // refused, with what helps
}

// listed is a picture of a folder: name, size and time as they were when it was listed.
type listed struct {
	name  string
	bytes int64
	at    time.Time
}

// list returns a folder's pictures in the natural order of their names, and how many
// entries named like pictures were skipped: those whose names begin with a dot, and what
// isn't a regular file or a link to one.
func list(from *files.Allowed, folder string) (found []listed, skipped int, err error) {
	entries, err := from.List(folder)
	if err != nil {
		return nil, 0, fmt.Errorf("%w: %w", kernel.ErrSource, err)
	}
	for _, e := range entries {
		name := e.Name
		if !slices.Contains(endings, strings.ToLower(filepath.Ext(name))) {
			continue
		}
		info, err := e.Info() // of what a link leads to
		if name[0] == '.' || leadsNowhere(err) || err == nil && !info.Mode().IsRegular() {
			skipped++
			continue
		}
		if err != nil {
			return nil, 0, fmt.Errorf("%w: %w", kernel.ErrSource, err)
		}
		found = append(found, listed{name, info.Size(), info.ModTime()})
	}
	if len(found) == 0 {
		return nil, skipped, fmt.Errorf("%w: folder %s has no file whose name ends in %s%s", kernel.ErrSource, folder,
			strings.Join(endings[:len(endings)-4], ", "), skippedText(skipped))
	}
	slices.SortFunc(found, func(a, b listed) int { return natural(a.name, b.name) })
	return found, skipped, nil
}

// leadsNowhere reports whether an error is that of a link to nothing, or to itself.
func leadsNowhere(err error) bool {
	return errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ELOOP) || errors.Is(err, syscall.ENOTDIR)
}

// skippedText says how many entries were skipped; "" if none were.
func skippedText(n int) string {
	switch n {
	case 0:
		return ""
	case 1:
		return "; 1 entry is skipped, which begins with a dot or is no regular file"
	}
	return fmt.Sprintf("; %d entries are skipped, which begin with a dot or are no regular files", n)
}

// natural compares names so that 2.png comes before 10.png: runs of digits as numbers.
func natural(a, b string) int {
	x, y := a, b
	for x != "" && y != "" {
		n, m := digits(x), digits(y)
		if n == 0 || m == 0 {
			if x[0] != y[0] {
				return cmp.Compare(x[0], y[0])
			}
			x, y = x[1:], y[1:]
			continue
		}
		p, q := strings.TrimLeft(x[:n], "0"), strings.TrimLeft(y[:m], "0")
		if c := cmp.Or(cmp.Compare(len(p), len(q)), cmp.Compare(p, q)); c != 0 {
			return c
		}
		x, y = x[n:], y[m:]
	}
	return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(a, b))
}

// digits returns how many digits a string begins with.
func digits(s string) int { return len(s) - len(strings.TrimLeft(s, "0123456789")) }

// maxFileBytes is the greatest size of a picture's file.
const maxFileBytes = 1 << 30
