package profiles

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// MaxBytes bounds a profile's file.
const MaxBytes = 64 << 20

// Head begins every file of this package.
type Head struct {
	Kind   string `json:"kind"`
	Format int    `json:"format"`
}

// readFile reads a JSON file of a kind in the given format, or an earlier one, into v. Errors
// wrap ErrFile, but for those of opening it.
func readFile(path, kind string, format int, v any) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, MaxBytes+1))
	if err != nil {
		return err
	}
	if len(b) > MaxBytes {
		return fmt.Errorf("%w: %s has more than %d MiB", ErrFile, path, MaxBytes>>20)
	}
	var head Head
	if err := json.Unmarshal(b, &head); err != nil {
		return fmt.Errorf("%w: %s: %s", ErrFile, path, broken(b, err))
	}
	switch {
	case head.Kind != kind:
		return fmt.Errorf("%w: %s is no %s, its kind is %q", ErrFile, path, kind, clipped(head.Kind))
	case head.Format > format:
		return fmt.Errorf("%w: %s has format %d and this program reads up to %d; use the program that wrote it, or a newer "+
			"one", ErrFormat, path, head.Format, format)
	case head.Format < 1:
		return fmt.Errorf("%w: %s has format %d; the first one is 1", ErrFile, path, head.Format)
	}
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("%w: %s: %s", ErrFile, path, broken(b, err))
	}
	return nil
}

// broken says what is wrong with JSON.
func broken(b []byte, err error) string {
	var syntax *json.SyntaxError
	switch {
	case len(bytes.TrimSpace(b)) == 0:
		return "it is empty"
	case errors.As(err, &syntax) && syntax.Offset >= int64(len(b)):
		return fmt.Sprintf("it is truncated: its %d bytes end within the JSON; export or copy it again", len(b))
	}
	return err.Error()
}

// writeFile writes v as JSON, atomically.
func writeFile(path string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if len(b) > MaxBytes {
		return fmt.Errorf("%w: %s would have %d MiB, of at most %d", ErrFile, path, len(b)>>20, MaxBytes>>20)
	}
	return result.WriteFile(path, b)
}

const maxText = 4 << 10 // bytes of a text in a profile

// printable reports whether a text of a file is fit to print.
func printable(text string) bool {
	return len(text) <= maxText && strings.IndexFunc(text, func(r rune) bool {
		return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar
	}) < 0
}

// clipped is a text of a file as an error may quote it, with %q.
func clipped(text string) string { return text[:min(len(text), 40)] }
