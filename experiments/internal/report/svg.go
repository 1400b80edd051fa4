package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"strconv"
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

// cleaned returns the shapes and texts of an SVG, in the page's colours, without the caption that
// it has at its foot where it says so, and its description, which is that caption.
func cleaned(svg []byte) (text, about string, err error) {
	var b, desc strings.Builder
	in := xml.NewDecoder(bytes.NewReader(svg))
	depth, described := 0, false
	for {
		token, err := in.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", "", fmt.Errorf("%w: the SVG can't be read: %w", ErrPicture, err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if !shapes[t.Name.Local] || depth == 0 && t.Name.Local != "svg" {
				if err := in.Skip(); err != nil {
					return "", "", fmt.Errorf("%w: the SVG can't be read: %w", ErrPicture, err)
				}
				continue
			}
			depth++
			if described = t.Name.Local == "desc"; !described {
				writeStart(&b, t)
			}
		case xml.EndElement:
			depth--
			if !described {
				b.WriteString("</" + t.Name.Local + ">")
			}
			described = false
		case xml.CharData:
			switch text := string(t); {
			case described:
				desc.WriteString(text)
			case depth > 0 && strings.TrimSpace(text) != "":
				b.WriteString(html.EscapeString(text))
			}
		}
	}
	if b.Len() == 0 {
		return "", "", fmt.Errorf("%w: it is no SVG", ErrPicture)
	}
	return b.String(), strings.TrimSpace(desc.String()), nil
}

func writeStart(b *strings.Builder, t xml.StartElement) {
	b.WriteString("<" + t.Name.Local)
	if t.Name.Local == "svg" {
		withoutCaption(t.Attr)
	}
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

// withoutCaption shortens the view of an SVG by the caption at its foot.
func withoutCaption(attrs []xml.Attr) {
	caption, view := 0.0, -1
	for i, a := range attrs {
		switch a.Name.Local {
		case "data-caption":
			if v, err := strconv.ParseFloat(a.Value, 64); err == nil && v > 0 {
				caption = v
			}
		case "viewBox":
			view = i
		}
	}
	if view < 0 {
		return
	}
	var x, y, width, height float64
	if _, err := fmt.Sscan(attrs[view].Value, &x, &y, &width, &height); err == nil && height > caption {
		attrs[view].Value = fmt.Sprintf("%g %g %g %g", x, y, width, height-caption)
	}
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
