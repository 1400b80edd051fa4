package topcmd

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/edgeprune/edgeprune/experiments/cli/live"
)

// model is what stands on the terminal.
type model struct {
	look          func() (live.Screen, error)
	interval      time.Duration
	screen        live.Screen
	failed        error
	width, height int // of the terminal; 0: not known yet
}

// looked is a screen, or why there is none.
type looked struct {
	screen live.Screen
	err    error
}

// again has the testbed looked at.
type again struct{}

// draw shows the testbed on a terminal until the user ends it, or ctx does.
func (t *Top) draw(ctx context.Context, w *watch, interval time.Duration) error {
	ctx, cancel := context.WithCancel(ctx)
	var looking sync.Mutex
	defer func() {
		cancel()
		looking.Lock() // a look that is under way ends first, and a later one does nothing
		defer looking.Unlock()
	}()
	m := model{interval: interval, screen: w.screen(), look: func() (live.Screen, error) {
		looking.Lock()
		defer looking.Unlock()
		if ctx.Err() != nil {
			return live.Screen{}, ctx.Err()
		}
		if err := w.look(ctx); err != nil {
			return live.Screen{}, err
		}
		return w.screen(), nil
	}}
	end, err := tea.NewProgram(m, tea.WithContext(ctx), tea.WithInput(t.Stdin), tea.WithOutput(t.Stdout),
		tea.WithoutSignalHandler()).Run() // signals end ctx
	if errors.Is(err, tea.ErrProgramKilled) && ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return fmt.Errorf("top: %w", err)
	}
	return end.(model).failed
}

// Init implements tea.Model.
func (m model) Init() tea.Cmd { return m.wait() }

func (m model) wait() tea.Cmd {
	return tea.Tick(m.interval, func(time.Time) tea.Msg { return again{} })
}

// Update implements tea.Model.
func (m model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
	case tea.KeyPressMsg:
		switch msg.String() {
		case "q", "esc", "ctrl+c":
			return m, tea.Quit
		}
	case again:
		return m, func() tea.Msg {
			screen, err := m.look()
			return looked{screen, err}
		}
	case looked:
		if m.failed = msg.err; m.failed != nil {
			return m, tea.Quit
		}
		m.screen = msg.screen
		return m, m.wait()
	}
	return m, nil
}

// View implements tea.Model.
func (m model) View() tea.View {
	title := fmt.Sprintf("edgeprune top: %d devices, a look every %v; q ends it", len(m.screen.Devices), m.interval)
	lines := append([]string{title, ""}, strings.Split(strings.TrimSuffix(text(m.screen), "\n"), "\n")...)
	if m.height > 0 && len(lines) > m.height {
		lines = append(lines[:m.height-1], fmt.Sprintf("%d lines more", len(lines)-m.height+1))
	}
	for i := range lines {
		if m.width > 0 {
			lines[i] = cut(lines[i], m.width)
		}
	}
	v := tea.NewView(strings.Join(lines, "\n"))
	v.AltScreen = true
	return v
}
