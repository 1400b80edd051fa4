package serve

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/edgeprune/edgeprune/experiments/internal/report"
)

// ErrFolder says that a folder of results can't be served.
var ErrFolder = errors.New("serve: no such folder of results")

// Server shows the runs of a folder to browsers on this machine.
type Server struct {
	dir     string
	root    *os.Root // nothing outside is opened, whatever links lead there
	listen  net.Listener
	scanner *scanner
}

// Listen takes a port of the loopback interface, 0 a free one, to show the runs in dir. Errors
// wrap ErrFolder where dir is none. The caller calls Serve, or Close.
func Listen(dir string, port int) (*Server, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFolder, err)
	}
	listen, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("serve: %w", err), root.Close())
	}
	return &Server{dir: dir, root: root, listen: listen, scanner: &scanner{fsys: root.FS()}}, nil
}

// URL is the address to open.
func (s *Server) URL() string { return "http://" + s.listen.Addr().String() + "/" }

// Close gives the port back, of a server that doesn't serve.
func (s *Server) Close() error { return errors.Join(s.listen.Close(), s.root.Close()) }

// grace is how long answers that are under way may take when the server ends.
const grace = 5 * time.Second

// Serve answers until ctx ends, and then returns nil.
func (s *Server) Serve(ctx context.Context) error {
	server := &http.Server{
		Handler: s.handler(), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10,
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(s.listen) }()
	var err, ended error
	select {
	case ended = <-done:
	case <-ctx.Done():
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
		err = server.Shutdown(ending)
		cancel()
		if errors.Is(err, context.DeadlineExceeded) { // a browser takes its answer no further
			err = server.Close()
		}
		ended = <-done
	}
	if errors.Is(ended, http.ErrServerClosed) {
		ended = nil
	}
	return errors.Join(ended, err, s.root.Close())
}

// handler answers requests that were meant for this server, and only reads.
func (s *Server) handler() http.Handler {
	port := strconv.Itoa(s.listen.Addr().(*net.TCPAddr).Port)
	own := map[string]bool{"127.0.0.1:" + port: true, "localhost:" + port: true}
	if port == "80" {
		own["127.0.0.1"], own["localhost"] = true, true
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", closed)
		switch {
		case !own[strings.ToLower(r.Host)]:
			// A page of another site whose name leads to this address, by DNS, gets nothing.
			http.Error(w, "this server is for "+s.URL()+" alone", http.StatusMisdirectedRequest)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			h.Set("Allow", "GET, HEAD")
			http.Error(w, "runs can be read only", http.StatusMethodNotAllowed)
		case r.URL.Path == "/":
			s.page(w, listPage(s.dir, s.scanner.runs()))
		case r.URL.Path == "/favicon.ico":
			w.WriteHeader(http.StatusNoContent)
		case strings.HasPrefix(r.URL.Path, below):
			s.below(w, r, strings.TrimPrefix(r.URL.Path, below))
		default:
			http.NotFound(w, r)
		}
	})
}

// The policies of what is served. No page may load anything from anywhere or be framed, and only
// reports' own script runs; in what lies in files it acts as a page of no site, which can read no
// other.
const (
	closed = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox"
	framed = "; frame-ancestors 'none'"
	apart  = framed + "; sandbox allow-scripts allow-downloads"
	drawn  = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; sandbox"
)

// page writes a page of the server's own.
func (s *Server) page(w http.ResponseWriter, p *report.Page) {
	var b bytes.Buffer
	if err := report.Render(&b, p); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", report.Policy()+framed)
	_, _ = w.Write(b.Bytes()) // the browser may be gone
}

// below shows a file or a folder of the results.
func (s *Server) below(w http.ResponseWriter, r *http.Request, name string) {
	folder := name == "" || strings.HasSuffix(name, "/")
	if name == "" {
		name = "."
	} else {
		name = strings.TrimSuffix(name, "/")
	}
	if !fs.ValidPath(name) || hidden(name) {
		http.NotFound(w, r)
		return
	}
	info, err := s.root.Stat(name)
	switch {
	case err != nil, !info.IsDir() && (folder || !info.Mode().IsRegular()):
		http.NotFound(w, r)
	case info.IsDir() && !folder:
		http.Redirect(w, r, address(name+"/"), http.StatusSeeOther)
	case info.IsDir():
		p, err := folderPage(s.root.FS(), name)
		if err != nil {
			http.NotFound(w, r)
			return
		}
		s.page(w, p)
	default:
		s.file(w, r, name)
	}
}

// file writes a regular file.
func (s *Server) file(w http.ResponseWriter, r *http.Request, name string) {
	f, err := s.root.Open(name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		http.NotFound(w, r)
		return
	}
	kind := contentType(name)
	w.Header().Set("Content-Type", kind)
	switch {
	case strings.HasPrefix(kind, "text/html"):
		w.Header().Set("Content-Security-Policy", report.Policy()+apart)
	case strings.HasPrefix(kind, "image/"):
		w.Header().Set("Content-Security-Policy", drawn)
	}
	if info.Size() == 0 { // ServeContent needs a place to seek to
		return
	}
	http.ServeContent(w, r, "", info.ModTime(), io.NewSectionReader(f, 0, info.Size()))
}

// types are those of the files that runs leave. Texts are shown, and not kept.
var types = map[string]string{
	".html": "text/html; charset=utf-8", ".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg",
	".json": "application/json", ".csv": "text/plain; charset=utf-8", ".txt": "text/plain; charset=utf-8",
	".jsonl": "text/plain; charset=utf-8", ".yaml": "text/plain; charset=utf-8", ".md": "text/plain; charset=utf-8",
	".parquet": "application/vnd.apache.parquet", ".onnx": "application/octet-stream",
}

func contentType(name string) string {
	if t, known := types[strings.ToLower(path.Ext(name))]; known {
		return t
	}
	return "application/octet-stream"
}
