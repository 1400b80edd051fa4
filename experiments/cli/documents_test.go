package cli

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/experiments/internal/document"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/urfave/cli/v2"
)

const repository = "../.."

// recipe is the line of a Justfile that begins a recipe.
var recipe = regexp.MustCompile(`(?m)^([a-z][a-z0-9-]*)(?: [^:\n]*)?:(?: |$)`)

// Every command line in a Markdown file of the repository names commands, flags, recipes and
// files that there are, and every link within the repository leads somewhere.
func TestDocuments(t *testing.T) {
	d := documents{app: New(Env{}).program(), recipes: recipes(t)}
	commands, links := map[string]int{}, 0
	require.NoError(t, filepath.WalkDir(repository, func(path string, e fs.DirEntry, err error) error {
		if e != nil && e.IsDir() && slices.Contains([]string{".git", "bin", "node_modules", "results"}, e.Name()) {
			return filepath.SkipDir
		}
		if err != nil || filepath.Ext(path) != ".md" {
			return err
		}
		doc := parse(t, path)
		found := d.commands(t, path, doc)
		commands[filepath.ToSlash(path)] = found
		for _, link := range doc.Links {
			if strings.Contains(link, "://") {
				continue // nothing outside this machine is contacted
			}
			links++
			assert.NoError(t, leads(t, path, link), "%s: %s", path, link)
		}
		return nil
	}))
	// A pattern that no longer finds anything would make this test say nothing.
	for _, path := range []string{"README.md", "deploy/README.md", "CONTRIBUTING.md", "experiments/PAPER.md"} {
		assert.Greater(t, commands[repository+"/"+path], 4, path)
	}
	assert.Greater(t, links, 3)
}

func parse(t *testing.T, path string) *document.Document {
	t.Helper()
	source, err := os.ReadFile(path)
	require.NoError(t, err)
	return document.Parse(source)
}

// documents are read with what they may name.
type documents struct {
	app     *cli.App
	recipes []string
}

// commands tries those of a document, and returns how many there are. A changelog tells of
// commands that have been.
func (d documents) commands(t *testing.T, path string, doc *document.Document) int {
	if filepath.Base(path) == "CHANGELOG.md" {
		return 0
	}
	count := 0
	try := func(script, at string) {
		lines, err := document.Commands(script, "edgeprune")
		if !assert.NoError(t, err, at) {
			return
		}
		just, _ := document.Commands(script, "just")
		for _, words := range lines {
			assert.NoError(t, tryExample(d.app, words), "%s: %s", at, strings.Join(words, " "))
		}
		for _, words := range just {
			assert.NoError(t, d.tryRecipe(words), "%s: %s", at, strings.Join(words, " "))
		}
		count += len(lines) + len(just)
	}
	for _, b := range doc.Blocks {
		if slices.Contains([]string{"", "sh", "console"}, b.Language) {
			try(shell(b.Text), fmt.Sprintf("%s:%d", path, b.Line))
		}
	}
	for _, span := range doc.Spans {
		if name, _, _ := strings.Cut(span, " "); slices.Contains([]string{"edgeprune", "just", "npx"}, name) {
			try(optional.Replace(span), path)
		}
	}
	return count
}

// optional takes the signs of a summary of usage out of a command line.
var optional = strings.NewReplacer("[", "", "]", "", "|", " ", "…", "")

// shell returns the lines of a block that call a program of this repository, with what they go
// on to: blocks without a language also hold other things than scripts.
func shell(text string) string {
	var kept []string
	goes := false
	for line := range strings.Lines(text) {
		line = strings.TrimPrefix(line, "$ ")
		if goes || strings.Contains(line, "edgeprune ") || strings.Contains(line, "just ") {
			kept = append(kept, line)
			goes = strings.HasSuffix(strings.TrimRight(line, "\n"), `\`)
		}
	}
	return strings.Join(kept, "")
}

func recipes(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, m := range recipe.FindAllStringSubmatch(read(t, filepath.Join(repository, "Justfile")), -1) {
		names = append(names, m[1])
	}
	require.Contains(t, names, "reproduce")
	return names
}

func (d documents) tryRecipe(words []string) error {
	if len(words) == 1 || words[1] == "NAME" || slices.Contains(d.recipes, words[1]) {
		return nil
	}
	return fmt.Errorf("there is no recipe %s", words[1])
}

// leads says whether a link of a document leads to a file, and to a heading in it.
func leads(t *testing.T, path, link string) error {
	file, heading, _ := strings.Cut(link, "#")
	target := path
	if file != "" {
		target = filepath.Join(filepath.Dir(path), filepath.FromSlash(file))
	}
	if _, err := os.Stat(target); err != nil {
		return err
	}
	if heading != "" && !slices.Contains(parse(t, target).Headings, heading) {
		return fmt.Errorf("%s has no heading %s", target, heading)
	}
	return nil
}
