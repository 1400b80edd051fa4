package completioncmd

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Kinds of names that Completer.Names lists.
const (
	Models   = "models"
	Datasets = "data sets"
	Pictures = "pictures"
	Codecs   = "codecs"
	Devices  = "devices" // of which profiles are kept
	Kinds    = "kinds"   // of files to begin with
)

// source is where values come from: names of a kind, or files with an ending.
type source struct {
	word  *regexp.Regexp // in the placeholder of a flag or the arguments of a command
	names string
	files []string // endings; "" is any file, "/" folders alone
}

// sources are asked in turn; all that fit are taken.
var sources = []source{
	{word: regexp.MustCompile(`\bMODEL\b|DATA-SET`), names: Models, files: []string{".onnx"}},
	{word: regexp.MustCompile(`experiments/NAME|\bEXPERIMENT\b`), files: []string{folderOf}},
	{word: regexp.MustCompile(`\b[A-Z]+\.yaml\b`), files: []string{".yaml"}},
	{word: regexp.MustCompile(`\b[A-Z]+\.jsonl\b`), files: []string{".jsonl"}},
	{word: regexp.MustCompile(`\b[A-Z]+\.csv\b`), files: []string{".csv"}},
	{word: regexp.MustCompile(`\bCODECS?\b`), names: Codecs},
	{word: regexp.MustCompile(`\bKIND\b`), names: Kinds},
	{word: regexp.MustCompile(`^DEVICE\b`), names: Devices},
	{word: regexp.MustCompile(`\bFILE\b|\bPATH\b`), files: []string{""}},
	{word: regexp.MustCompile(`\b(DIR|FOLDER|RUN)\b`), files: []string{"/"}},
}

// ofFlags are values of flags whose placeholder says no more than NAME.
var ofFlags = map[string][]string{
	"driver": {"sim", "deploy", "both"}, "log-level": {"debug", "info", "warn", "error"},
}

// values returns what a placeholder, or the arguments that a command takes, stand for, of
// what begins with the text. flag is the name of the flag that it is of, or empty.
func (k *Completer) values(text, flag, begin string) []Candidate {
	var list []Candidate
	add := func(c Candidate) {
		if strings.HasPrefix(c.Value, begin) && !slices.Contains(list, c) {
			list = append(list, c)
		}
	}
	for _, v := range ofFlags[flag] {
		add(Candidate{Value: v})
	}
	if text == strings.Join(Shells(), " | ") {
		for _, s := range Shells() {
			add(Candidate{Value: s})
		}
	}
	if flag == "" && text == "[NAME ...]" {
		k.named(Datasets, add)
	}
	if flag == "pictures" {
		k.named(Pictures, add)
	}
	var endings []string
	for _, s := range sources {
		if s.word.MatchString(text) {
			k.named(s.names, add)
			endings = append(endings, s.files...)
		}
	}
	if len(endings) > 0 {
		for _, name := range files(begin, endings) {
			add(Candidate{Value: name})
		}
	}
	return list
}

func (k *Completer) named(kind string, add func(Candidate)) {
	if k.Names == nil || kind == "" {
		return
	}
	for _, c := range k.Names(kind) {
		add(c)
	}
}

// folderOf is a file that makes its folder a value.
const folderOf = "experiment.yaml"

// files lists the files with one of the endings that a path may go on to, and the folders, with
// a slash behind them unless they hold an experiment and that is asked for. What begins with a
// dot is left out unless the path does, and what holds a control character always: it would not be
// one candidate, on one line.
func files(begin string, endings []string) []string {
	dir, base := path.Split(filepath.ToSlash(begin))
	list, err := os.ReadDir(filepath.FromSlash(pathOr(dir)))
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range list {
		name := e.Name()
		if !strings.HasPrefix(name, base) || strings.HasPrefix(name, ".") && !strings.HasPrefix(base, ".") ||
			strings.ContainsFunc(name, unicode.IsControl) {
			continue
		}
		info, err := os.Stat(filepath.Join(pathOr(dir), name)) // of what a link leads to
		switch {
		case err != nil:
		case info.IsDir():
			_, err := os.Stat(filepath.Join(pathOr(dir), name, folderOf))
			if err != nil || !slices.Contains(endings, folderOf) {
				name += "/"
			}
			names = append(names, dir+name)
		case slices.ContainsFunc(endings, func(ending string) bool {
			return ending != "/" && ending != folderOf && strings.HasSuffix(name, ending)
		}):
			names = append(names, dir+name)
		}
	}
	return names
}

// pathOr is a folder's path; the working directory's is empty in what is written.
func pathOr(dir string) string {
	if dir == "" {
		return "."
	}
	return dir
}
