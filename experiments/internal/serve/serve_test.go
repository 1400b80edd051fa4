package serve

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/experiments/internal/record"
	"github.com/edgeprune/edgeprune/experiments/internal/report"
)

// started serves a folder until the test ends.
func started(t *testing.T, dir string) *Server {
	t.Helper()
	s, err := Listen(dir, 0)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		assert.NoError(t, <-done)
	})
	return s
}

type answer struct {
	code   int
	body   string
	header http.Header
}

// asked sends a request as it is, without what clients make of paths.
func asked(t *testing.T, s *Server, method, host, path string) answer {
	t.Helper()
	addr := s.listen.Addr().String()
	if host == "" {
		host = addr
	}
	conn, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(30*time.Second)))
	_, err = fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", method, path, host)
	require.NoError(t, err)
	b, err := io.ReadAll(conn)
	require.NoError(t, err)
	r, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(b)), &http.Request{Method: method})
	require.NoError(t, err)
	body, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	require.NoError(t, r.Body.Close())
	return answer{r.StatusCode, string(body), r.Header}
}

func got(t *testing.T, s *Server, path string) answer {
	t.Helper()
	return asked(t, s, "GET", "", path)
}

// kept writes a run of a name and a day with its report; it returns its folder.
func kept(t *testing.T, dir, name string, day int, lead string) string {
	t.Helper()
	out, err := record.New(filepath.Join(dir, name), &record.Run{
		Finished: true, Started: time.Date(2026, 1, 2+day, 12, 0, 0, 0, time.UTC), Inputs: record.Inputs{Machine: "a box"},
	})
	require.NoError(t, err)
	write(t, filepath.Join(out, "runs.json"), "[]")
	require.NoError(t, report.WritePage(filepath.Join(out, "report.html"), &report.Page{
		Title: name, Kicker: "Emulated.", Lead: []string{lead},
	}))
	return out
}

func write(t *testing.T, path, text string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
}

func TestList(t *testing.T) {
	dir := t.TempDir()
	kept(t, dir, "older", 0, "PP1 is best.")
	kept(t, dir, "studies/newer", 1, "PP2 is best.")
	_, err := record.New(filepath.Join(dir, "begun"), &record.Run{
		Started: time.Date(2026, 1, 4, 12, 0, 0, 0, time.UTC), Inputs: record.Inputs{Experiment: "0123"},
	})
	require.NoError(t, err)
	write(t, filepath.Join(dir, "half", "20260105-120000.000", "run.json"), `{"inputs":`)
	write(t, filepath.Join(dir, "changed", "compare.json"), "{}")
	require.NoError(t, report.WritePage(filepath.Join(dir, "changed", "report.html"), &report.Page{Title: "changed"}))
	write(t, filepath.Join(dir, ".hidden", "run.json"), "{}")
	s := started(t, dir)
	a := got(t, s, "/")
	assert.Equal(t, 200, a.code)
	assert.Equal(t, "text/html; charset=utf-8", a.header.Get("Content-Type"))
	newer, older := strings.Index(a.body, ">newer</a>"), strings.Index(a.body, ">older</a>")
	require.Positive(t, newer)
	assert.Less(t, newer, older, "the newest first")
	for _, want := range []string{
		`href="/runs/studies/newer/20260103-120000.000/report.html"`, `href="/runs/older/20260102-120000.000/"`,
		">PP2 is best.<", ">Emulated.<", ">a box<", ">plan<", ">not finished<", ">experiment<",
		">its record can&#39;t be read<",
		">comparison<", "2026-01-03 12:00:00", "data-filter",
	} {
		assert.Contains(t, a.body, want)
	}
	assert.NotContains(t, a.body, "hidden/")
	again := kept(t, dir, "newest", 5, "PP3 is best.")
	assert.Contains(t, got(t, s, "/").body, ">PP3 is best.<", "a run that came meanwhile")
	require.NoError(t, os.RemoveAll(again))
	assert.NotContains(t, got(t, s, "/").body, ">PP3 is best.<")
}

func TestLongTextsAreCut(t *testing.T) {
	assert.Equal(t, "größer", shortened("größer", 6))
	assert.Equal(t, "größ…", shortened("größer", 5))
}

func TestEmptyFolder(t *testing.T) {
	s := started(t, t.TempDir())
	assert.Contains(t, got(t, s, "/").body, "There is no run here yet.")
}

// A report that is written again is read again; others are not.
func TestScanReadsWhatChanged(t *testing.T) {
	dir := t.TempDir()
	out := kept(t, dir, "x", 0, "PP1 is best.")
	c := &scanner{fsys: os.DirFS(dir)}
	require.Len(t, c.runs(), 1)
	k := c.read["x/20260102-120000.000"]
	k.run.head.Lead = "kept"
	c.read["x/20260102-120000.000"] = k
	assert.Equal(t, "kept", c.runs()[0].head.Lead)
	page := &report.Page{Title: "x", Lead: []string{"Now PP2."}}
	require.NoError(t, report.WritePage(filepath.Join(out, "report.html"), page))
	later := time.Now().Add(time.Hour)
	require.NoError(t, os.Chtimes(filepath.Join(out, "report.html"), later, later))
	assert.Equal(t, "Now PP2.", c.runs()[0].head.Lead)
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	out := kept(t, dir, "x", 0, "PP1 is best.")
	write(t, filepath.Join(out, "figures", "a.svg"),
		`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`)
	write(t, filepath.Join(out, "summary.csv"), "a,b\n")
	write(t, filepath.Join(out, "empty.txt"), "")
	write(t, filepath.Join(out, "odd.bin"), "<html>")
	s := started(t, dir)
	at := "/runs/x/20260102-120000.000/"
	page := got(t, s, at)
	assert.Equal(t, 200, page.code)
	for _, want := range []string{`href="` + at + `report.html"`, `href="` + at + `figures/"`, `href="/runs/x/"`} {
		assert.Contains(t, page.body, want)
	}
	assert.Contains(t, got(t, s, "/runs/").body, `href="/runs/x/"`)
	for path, want := range map[string]struct{ kind, policy string }{
		"report.html": {"text/html; charset=utf-8", report.Policy() + "; frame-ancestors 'none'; sandbox allow-scripts " +
			"allow-downloads"},
		"figures/a.svg": {"image/svg+xml", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors " +
			"'none'; sandbox"},
		"summary.csv": {"text/plain; charset=utf-8", closed}, "run.json": {"application/json", closed},
		"odd.bin": {"application/octet-stream", closed}, "empty.txt": {"text/plain; charset=utf-8", closed},
	} {
		a := got(t, s, at+path)
		assert.Equal(t, 200, a.code, path)
		assert.Equal(t, want.kind, a.header.Get("Content-Type"), path)
		assert.Equal(t, want.policy, a.header.Get("Content-Security-Policy"), path)
		assert.Equal(t, "nosniff", a.header.Get("X-Content-Type-Options"), path)
		b, err := os.ReadFile(filepath.Join(out, path))
		require.NoError(t, err)
		assert.Equal(t, string(b), a.body, path)
	}
	moved := got(t, s, strings.TrimSuffix(at, "/"))
	assert.Equal(t, 303, moved.code)
	assert.Equal(t, at, moved.header.Get("Location"))
	head := asked(t, s, "HEAD", "", at+"summary.csv")
	assert.Equal(t, 200, head.code)
	assert.Empty(t, head.body)
	assert.Equal(t, "4", head.header.Get("Content-Length"))
	assert.Equal(t, 204, got(t, s, "/favicon.ico").code)
}

// Nothing outside of the folder is shown, nor what is hidden or no file.
func TestNothingElseIsShown(t *testing.T) {
	outside := t.TempDir()
	write(t, filepath.Join(outside, "secret.txt"), "secret")
	dir := t.TempDir()
	out := kept(t, dir, "x", 0, "PP1 is best.")
	write(t, filepath.Join(dir, ".lock"), "secret")
	write(t, filepath.Join(out, ".env"), "secret")
	require.NoError(t, os.Symlink(filepath.Join(outside, "secret.txt"), filepath.Join(out, "link.txt")))
	require.NoError(t, os.Symlink(outside, filepath.Join(out, "up")))
	require.NoError(t, os.Symlink("../../..", filepath.Join(out, "above")))
	require.NoError(t, os.Symlink("run.json", filepath.Join(out, "within.json")))
	require.NoError(t, os.Symlink(outside, filepath.Join(dir, "elsewhere")))
	require.NoError(t, syscall.Mkfifo(filepath.Join(out, "pipe.txt"), 0o644))
	require.NoError(t, syscall.Mkfifo(filepath.Join(dir, "run.json"), 0o644))
	for _, file := range []string{"run.json", "report.html"} {
		other := kept(t, dir, "pipe of "+file, 1, "PP1 is best.")
		require.NoError(t, os.Remove(filepath.Join(other, file)))
		require.NoError(t, syscall.Mkfifo(filepath.Join(other, file), 0o644))
	}
	s := started(t, dir)
	at := "/runs/x/20260102-120000.000/"
	for _, path := range []string{
		"/../secret.txt", "/runs/../secret.txt", "/runs/%2e%2e/secret.txt", "/runs/..%2fsecret.txt", "/runs//etc/passwd",
		"/runs//", "/runs/x//", at + "link.txt", at + "up/", at + "up/secret.txt", at + "above/",
		"/runs/elsewhere/secret.txt",
		"/runs/.lock", at + ".env", at + "pipe.txt", "/runs/run.json", at + "none", at + "run.json/", "/runs/x%00", "/other",
		at + `..\..\secret.txt`, "/runs/./x/",
	} {
		a := got(t, s, path)
		assert.Contains(t, []int{400, 404}, a.code, path)
		assert.NotContains(t, a.body, "secret\n", path)
	}
	assert.Equal(t, 200, got(t, s, at+"within.json").code, "a link within the results")
	page := got(t, s, at).body
	for _, no := range []string{"link.txt", "up/", "above/", "pipe.txt", ".env"} {
		assert.NotContains(t, page, no)
	}
	list := got(t, s, "/")
	assert.Equal(t, 200, list.code, "pipes in the places of a record and a report")
	assert.Contains(t, list.body, "pipe of report.html")
}

func TestHostsAndMethods(t *testing.T) {
	dir := t.TempDir()
	kept(t, dir, "x", 0, "PP1 is best.")
	s := started(t, dir)
	_, port, err := net.SplitHostPort(s.listen.Addr().String())
	require.NoError(t, err)
	assert.Equal(t, 200, asked(t, s, "GET", "localhost:"+port, "/").code)
	assert.Equal(t, 200, asked(t, s, "GET", "LOCALHOST:"+port, "/").code)
	for _, host := range []string{
		"evil.example", "evil.example:" + port, "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:" + port,
		"10.0.0.1:" + port,
	} {
		a := asked(t, s, "GET", host, "/runs/x/20260102-120000.000/run.json")
		assert.Equal(t, 421, a.code, host)
		assert.Equal(t, "this server is for "+s.URL()+" alone\n", a.body)
	}
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS", "PATCH"} {
		a := asked(t, s, method, "", "/runs/x/20260102-120000.000/run.json")
		assert.Equal(t, 405, a.code, method)
		assert.Equal(t, "runs can be read only\n", a.body)
	}
	assert.True(t, s.listen.Addr().(*net.TCPAddr).IP.IsLoopback())
}

// Names can be anything that the file system takes; they are shown as they are, and lead where they should.
func TestHostileNames(t *testing.T) {
	dir := t.TempDir()
	names := []string{
		"<script>alert(1)", `a"onmouseover="alert(1)`, "javascript:alert(1)", "100%", "a?b#c", "a b&c",
		"größer", "x\u202eexe.gnp", "line\nbreak", "\xff\xfe", "..x", "~", `back\slash`,
	}
	for i, name := range names {
		out := kept(t, dir, name, i, "Lead of "+name+`<img src=x onerror="alert(1)">`)
		write(t, filepath.Join(out, name+".txt"), "text of "+name)
	}
	s := started(t, dir)
	list := got(t, s, "/")
	assert.Equal(t, 200, list.code)
	assert.NotContains(t, list.body, "<img src=x")
	assert.NotContains(t, list.body, `href="javascript`)
	assert.NotContains(t, list.body, "<script>alert")
	for i, name := range names {
		path := address(name + "/" + time.Date(2026, 1, 2+i, 12, 0, 0, 0, time.UTC).Format("20060102-150405.000") + "/")
		if strings.HasPrefix(name, ".") || !utf8.ValidString(name) {
			assert.Equal(t, 404, got(t, s, path).code)
			continue
		}
		assert.Equal(t, 200, got(t, s, path).code, name)
		a := got(t, s, path+strings.TrimPrefix(address(name+".txt"), below))
		assert.Equal(t, 200, a.code, name)
		assert.Equal(t, "text of "+name, a.body)
		page := got(t, s, path)
		assert.Equal(t, 1, strings.Count(page.body, "<script>"), "%s: the page's own", name)
	}
}

// Runs may be written, and go, while they are looked at.
func TestWhileRunsAreWritten(t *testing.T) {
	dir := t.TempDir()
	s := started(t, dir)
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for i := range 15 {
				out, err := record.New(filepath.Join(dir, fmt.Sprint("w", w)), &record.Run{Started: time.Unix(int64(i), 0).UTC()})
				if !assert.NoError(t, err) {
					return
				}
				b, _ := json.Marshal(record.Run{})
				_ = os.WriteFile(filepath.Join(out, "run.json"), b[:len(b)/2], 0o644)
				_ = report.WritePage(filepath.Join(out, "report.html"), &report.Page{Title: "x", Lead: []string{"PP1"}})
				if i%3 == 0 {
					_ = os.RemoveAll(out)
				}
			}
		})
	}
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for range 10 {
				r, err := http.Get(s.URL())
				if !assert.NoError(t, err) {
					return
				}
				assert.Equal(t, 200, r.StatusCode)
				_, err = io.Copy(io.Discard, r.Body)
				assert.NoError(t, err)
				assert.NoError(t, r.Body.Close())
			}
		})
	}
	writers.Wait()
	readers.Wait()
	assert.Equal(t, 40, strings.Count(got(t, s, "/").body, "its record can&#39;t be read"))
}

func TestListenErrors(t *testing.T) {
	_, err := Listen(filepath.Join(t.TempDir(), "none"), 0)
	require.ErrorIs(t, err, ErrFolder)
	taken, err := Listen(t.TempDir(), 0)
	require.NoError(t, err)
	defer taken.Close()
	_, err = Listen(t.TempDir(), taken.listen.Addr().(*net.TCPAddr).Port)
	assert.ErrorIs(t, err, syscall.EADDRINUSE)
}
