package report

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

//go:embed assets
var assets embed.FS

// asset returns a file of the page.
func asset(name string) string {
	b, err := assets.ReadFile("assets/" + name)
	if err != nil {
		panic(err) // it is part of the program
	}
	return string(b)
}

var (
	page = template.Must(template.ParseFS(assets, "assets/*.html"))

	look   = template.CSS(asset("page.css") + asset("parts.css") + asset("figure.css"))
	script = template.JS(asset("theme.js") + asset("figures.js") + asset("tables.js"))
	policy = policyOf(string(script))
)

// policyOf lets a browser run this one script, and load nothing from anywhere.
func policyOf(script string) string {
	sum := sha256.Sum256([]byte(script))
	return "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; " +
		"script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// content is what the template takes.
type content struct {
	*Page
	Policy   string
	Look     template.CSS
	Script   template.JS
	Drawings []drawing
	Groups   []pictures
	Listings []listed
	// What is shown at once, and what further on demand.
	Answer, FurtherAnswer []string
	Known, FurtherKnown   []Note
}

// Of the answer and of the notes, so many stand in the page at once.
const (
	mostAnswer = 8
	mostNotes  = 8
)

// parted returns the first of all, and the others.
func parted[T any](all []T, most int) (first, others []T) {
	n := min(len(all), most)
	return all[:n], all[n:]
}

// WritePage writes the page to path as one file that needs no other, atomically.
func WritePage(path string, p *Page) error {
	var b bytes.Buffer
	if err := Render(&b, p); err != nil {
		return err
	}
	return result.WriteFile(path, b.Bytes())
}

// Render is WritePage to a writer.
func Render(w io.Writer, p *Page) error {
	c := content{Page: p, Policy: policy, Look: look, Script: script}
	c.Answer, c.FurtherAnswer = parted(p.Lead, mostAnswer)
	c.Known, c.FurtherKnown = parted(p.Notes, mostNotes)
	var err error
	if c.Drawings, err = drawings(p.Figures); err != nil {
		return err
	}
	if c.Groups, err = grouped(p.Pictures); err != nil {
		return err
	}
	if c.Listings, err = listings(p.Tables); err != nil {
		return err
	}
	if err := page.ExecuteTemplate(w, "page.html", c); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}
