package input

import "github.com/urfave/cli/v2"

// OutputFlag names what a command writes.
func OutputFlag(use string) cli.Flag {
	return &cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: use}
}

// ForceFlag lets a command replace the file that it writes.
func ForceFlag() cli.Flag {
	return &cli.BoolFlag{Name: "force", Usage: "replace the file if it exists; never one that is read"}
}
