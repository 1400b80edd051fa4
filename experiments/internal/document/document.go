// Package document reads this repository's Markdown for the tests that keep it true: its code
// blocks, its links, and the commands in both blocks and text. It runs none of them and
// knows no command.
package document

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// Document is what tests look at of a Markdown file, each in the order of the file.
type Document struct {
	Blocks   []Block
	Spans    []string // code within lines of text
	Links    []string // destinations of links and pictures
	Headings []string // the names that links have for them behind #
}

// Block is a fenced or indented block of code.
type Block struct {
	Language string // of the fence, "" where it has none
	Text     string // its lines, each with its line feed
	Line     int    // of its first line in the file, counted from 1
}

// Parse reads Markdown as GitHub shows it.
func Parse(source []byte) *Document {
	md := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithParserOptions(parser.WithAutoHeadingID()))
	d := &Document{}
	// The walk ends with an error only if its function returns one.
	_ = ast.Walk(md.Parser().Parse(text.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			d.add(n, source)
		}
		return ast.WalkContinue, nil
	})
	return d
}

func (d *Document) add(n ast.Node, source []byte) {
	switch n := n.(type) {
	case *ast.FencedCodeBlock:
		d.Blocks = append(d.Blocks, block(string(n.Language(source)), n, source))
	case *ast.CodeBlock:
		d.Blocks = append(d.Blocks, block("", n, source))
	case *ast.CodeSpan:
		var b strings.Builder
		for c := n.FirstChild(); c != nil; c = c.NextSibling() {
			if t, ok := c.(*ast.Text); ok {
				b.Write(t.Value(source))
			}
		}
		d.Spans = append(d.Spans, strings.ReplaceAll(b.String(), "\n", " "))
	case *ast.Link:
		d.Links = append(d.Links, string(n.Destination))
	case *ast.Image:
		d.Links = append(d.Links, string(n.Destination))
	case *ast.Heading:
		if id, ok := n.AttributeString("id"); ok {
			d.Headings = append(d.Headings, string(id.([]byte)))
		}
	}
}

func block(language string, n ast.Node, source []byte) Block {
	b := Block{Language: language}
	lines := n.Lines()
	for i := range lines.Len() {
		at := lines.At(i)
		if i == 0 {
			b.Line = 1 + bytes.Count(source[:at.Start], []byte("\n"))
		}
		b.Text += string(at.Value(source))
	}
	return b
}
