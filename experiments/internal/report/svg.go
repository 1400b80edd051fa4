package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"strings"
)

// Of an SVG, what is taken over: everything else is left out, with all that it holds.
var (
	shapes = map[string]bool{
		"svg": true, "g": true, "path": true, "rect": true, "circle": true, "line": true, "polyline": true,
		"polygon": true, "text": true, "tspan": true, "title": true, "desc": true,
	}
	attributes = map[string]bool{
		"viewBox": true, "width": true, "height": true, "class": true, "transform": true, "d": true, "x": true, "y": true,
		"x1": true, "y1": true, "x2": true, "y2": true, "cx": true, "cy": true, "r": true, "rx": true, "ry": true,
		"dx": true, "dy": true, "points": true, "style": true, "fill": true, "fill-opacity": true, "stroke": true,
		"stroke-width": true, "stroke-opacity": true, "stroke-dasharray": true, "opacity": true, "text-anchor": true,
		"font-family": true, "font-size": true, "font-weight": true, "pointer-events": true,
	}
)

// cleaned returns the shapes and texts of an SVG, in the page's colours.
func cleaned(svg []byte) (string, error) {
	var b strings.Builder
	in := xml.NewDecoder(bytes.NewReader(svg))
	depth := 0
	for {
		token, err := in.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", fmt.Errorf("%w: the SVG can't be read: %w", ErrPicture, err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if !shapes[t.Name.Local] || depth == 0 && t.Name.Local != "svg" {
				if err := in.Skip(); err != nil {
					return "", fmt.Errorf("%w: the SVG can't be read: %w", ErrPicture, err)
				}
				continue
			}
			depth++
			writeStart(&b, t)
		case xml.EndElement:
			depth--
			b.WriteString("</" + t.Name.Local + ">")
		case xml.CharData:
			if text := string(t); depth > 0 && strings.TrimSpace(text) != "" {
				b.WriteString(html.EscapeString(text))
			}
		}
	}
	if b.Len() == 0 {
		return "", fmt.Errorf("%w: it is no SVG", ErrPicture)
	}
	return b.String(), nil
}

func writeStart(b *strings.Builder, t xml.StartElement) {
	b.WriteString("<" + t.Name.Local)
	for _, a := range t.Attr {
		known := attributes[a.Name.Local] || strings.HasPrefix(a.Name.Local, "data-")
		if a.Name.Space != "" || !known || t.Name.Local == "svg" && a.Name.Local == "height" {
			continue
		}
		value := a.Value
		if lower := strings.ToLower(value); strings.Contains(lower, "url(") || strings.Contains(lower, "\\") {
			continue // nothing is loaded
		}
		if a.Name.Local == "style" {
			value = recoloured(value)
		}
		b.WriteString(" " + a.Name.Local + `="` + html.EscapeString(value) + `"`)
	}
	b.WriteString(">")
}

// inks are the colours of the figures, by the page's names for them, which are others in the dark.
// The page has one font.
var inks = strings.NewReplacer(
	"font-family:Liberation Sans;font-variant:normal;font-weight:normal;font-style:normal;", "",
	"#FFFFFF", "var(--paper,#fff)", "#000000", "var(--ink,#000)", "#787878", "var(--fig-grey,#787878)",
	"#E1E1E1", "var(--fig-pale,#e1e1e1)", "#0072B2", "var(--fig-blue,#0072b2)", "#D55E00", "var(--fig-vermillion,#d55e00)",
	"#009E73", "var(--fig-green,#009e73)", "#CC79A7", "var(--fig-purple,#cc79a7)", "#E69F00", "var(--fig-orange,#e69f00)",
	"#56B4E9", "var(--fig-sky,#56b4e9)", "#F0E442", "var(--fig-yellow,#f0e442)",
)

// recoloured puts the page's names of colours in their places.
func recoloured(style string) string { return inks.Replace(style) }
