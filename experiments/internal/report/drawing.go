package report

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"fmt"
	"html/template"
	"slices"
)

// mostInlined bounds the drawings within a page, in bytes: it has to open fast.
const mostInlined = 4 << 20

// drawing is a figure within the page.
type drawing struct {
	Figure
	ID      string
	Drawn   template.HTML // of the SVG
	Source  template.URL  // of the PNG
	LeftOut bool          // the page is full: it stands in its file
}

// drawings makes figures ready for the page.
func drawings(figures []Figure) ([]drawing, error) {
	all := make([]drawing, 0, len(figures))
	room := mostInlined
	for i, f := range figures {
		d := drawing{Figure: f, ID: fmt.Sprintf("figure-%d", i+1)}
		switch {
		case len(f.SVG) > 0:
			text, about, err := cleaned(f.SVG)
			if err != nil {
				return nil, fmt.Errorf("report: figure %s: %w", f.Name, err)
			}
			d.Caption = cmp.Or(f.Caption, about)
			d.Drawn = template.HTML(text) // shapes and texts alone, see cleaned
		default:
			source, err := pngSource(f.PNG)
			if err != nil {
				return nil, fmt.Errorf("report: figure %s: %w", f.Name, err)
			}
			d.Source = source
		}
		size := len(d.Drawn) + len(d.Source)
		if d.LeftOut = f.File != "" && size > room; d.LeftOut {
			d.Drawn, d.Source = "", ""
		} else {
			room -= size
		}
		all = append(all, d)
	}
	return all, nil
}

// pngSource returns a PNG as an address.
func pngSource(b []byte) (template.URL, error) {
	if !bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")) {
		return "", fmt.Errorf("%w: neither SVG nor PNG", ErrPicture)
	}
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(b)), nil // base64 can't break out
}

// pictures are those of a group.
type pictures struct {
	Name string
	All  []shown
}

type shown struct {
	Caption string
	Source  template.URL
}

// grouped returns the pictures by group.
func grouped(all []Picture) ([]pictures, error) {
	var groups []pictures
	for _, p := range all {
		source, err := pngSource(p.PNG)
		if err != nil {
			return nil, fmt.Errorf("report: picture %s: %w", p.Caption, err)
		}
		at := slices.IndexFunc(groups, func(g pictures) bool { return g.Name == p.Group })
		if at < 0 {
			at = len(groups)
			groups = append(groups, pictures{Name: p.Group})
		}
		groups[at].All = append(groups[at].All, shown{p.Caption, source})
	}
	return groups, nil
}
