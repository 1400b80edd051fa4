package ort

import (
	"fmt"
	"sync"

	ortgo "github.com/yalue/onnxruntime_go"
)

// sharedArena makes the memory that all sessions with Options.Shared work in, once for
// the process, as the library is never unloaded. ONNX Runtime owns it and locks it.
var sharedArena = sync.OnceValue(func() error {
	info, err := ortgo.GetMemoryInfo() // the environment's own, not to be freed
	if err != nil {
		return fmt.Errorf("shared arena: %w", err)
	}
	cfg, err := ortgo.NewArenaCfg(0, -1, -1, -1) // no limit, and grow as a session's own arena does
	if err != nil {
		return fmt.Errorf("shared arena: %w", err)
	}
	defer cfg.Destroy()
	if err := ortgo.CreateAndRegisterAllocator(info, cfg); err != nil {
		return fmt.Errorf("shared arena: %w", err)
	}
	return nil
})

// share has a session use the shared arena.
func share(so *ortgo.SessionOptions) error {
	if err := sharedArena(); err != nil {
		return err
	}
	return so.AddSessionConfigEntry("session.use_env_allocators", "1")
}
