package datasets

import (
	"context"
	"os"
	"path/filepath"

	"github.com/edgeprune/edgeprune/datasets/faceclip"
)

// clipPhotograph is the photograph that the clips' camera moves over.
const clipPhotograph = "sample5.jpg"

func faceClipRecipe() recipe {
	return clipRecipe("face-clip", "a camera moving over "+clipPhotograph, faceclip.Moving())
}

func stillClipRecipe() recipe {
	return clipRecipe("face-clip-still",
		"a noisy camera that moves over "+clipPhotograph+" at times and stands still at others", faceclip.Pausing())
}

func clipRecipe(name, what string, clip faceclip.Clip) recipe {
	return recipe{
		name: name, what: what + ": frame_0000.png ... and truth.json",
		licence: "MIT", source: facePackage + ", motion generated", version: faceclip.Version, needs: []string{photographs},
		pictures: true,
		build: func(ctx context.Context, s *Store, dir string) error {
			photo, err := os.Open(filepath.Join(s.Dir, photographs, clipPhotograph))
			if err != nil {
				return err
			}
			defer photo.Close()
			return clip.Write(ctx, photo, dir)
		},
	}
}
