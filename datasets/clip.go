package datasets

import (
	"context"
	"os"
	"path/filepath"

	"github.com/edgeprune/edgeprune/datasets/faceclip"
)

// clipPhotograph is the photograph that the clip's camera moves over.
const clipPhotograph = "sample5.jpg"

func faceClipRecipe() recipe {
	return recipe{
		name: "face-clip", what: "a camera moving over " + clipPhotograph + ": frame_0000.png ... and truth.json",
		licence: "MIT", source: facePackage + ", motion generated", version: faceclip.Version, needs: []string{photographs},
		build: func(ctx context.Context, s *Store, dir string) error {
			photo, err := os.Open(filepath.Join(s.Dir, photographs, clipPhotograph))
			if err != nil {
				return err
			}
			defer photo.Close()
			return faceclip.Write(ctx, photo, dir)
		},
	}
}
