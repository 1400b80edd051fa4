package report

import (
	"html"
	"io"
	"regexp"
	"strings"
)

// Head is what a page says first. What it doesn't have is empty.
type Head struct{ Title, Kicker, Lead string }

// headBytes bounds how far into a page its answer is looked for.
const headBytes = 256 << 10

var (
	headTitle  = regexp.MustCompile(`<title>([^<]*)</title>`)
	headKicker = regexp.MustCompile(`<p class="kicker"[^>]*>([^<]*)</p>`)
	headLead   = regexp.MustCompile(`<section id="answer"[^>]*>\s*<p[^>]*>([^<]*)</p>`)
)

// ReadHead reads what a page that Render wrote says first, for lists of pages. The texts are plain,
// and may be anything if somebody else wrote the page.
func ReadHead(r io.Reader) (Head, error) {
	b, err := io.ReadAll(io.LimitReader(r, headBytes))
	if err != nil {
		return Head{}, err
	}
	first := func(pattern *regexp.Regexp) string {
		m := pattern.FindSubmatch(b)
		if m == nil {
			return ""
		}
		return strings.TrimSpace(html.UnescapeString(strings.ToValidUTF8(string(m[1]), "\uFFFD")))
	}
	return Head{Title: first(headTitle), Kicker: first(headKicker), Lead: first(headLead)}, nil
}

// Policy is the Content-Security-Policy of pages: a browser runs their own script alone, and
// loads nothing.
func Policy() string { return policy }
