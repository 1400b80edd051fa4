package cli

import (
	"fmt"
	"runtime"

	"github.com/urfave/cli/v2"
)

// builtFrom is what the command version prints as JSON. Its field names are part of the interface.
type builtFrom struct {
	Revision   string `json:"revision"` // the commit, else the module's version; empty: the build knows neither
	Modified   bool   `json:"modified"` // the sources differed from the commit
	Executable string `json:"executable_sha256,omitempty"`
	Go         string `json:"go"`
	System     string `json:"os"`
	Processor  string `json:"arch"`
}

// versionText says in a line what the program was built from, and by what.
func (a *App) versionText() string {
	return fmt.Sprintf("%s, %s %s/%s", a.env.Revision, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

func (a *App) version(c *cli.Context) error {
	if !c.Bool("json") {
		_, err := fmt.Fprintf(a.env.Stdout, "%s version %s\n", c.App.Name, c.App.Version)
		return err
	}
	r := a.env.Revision
	return a.printJSON(builtFrom{
		Revision: r.Revision, Modified: r.Modified, Executable: r.Digest, Go: runtime.Version(), System: runtime.GOOS,
		Processor: runtime.GOARCH,
	})
}
