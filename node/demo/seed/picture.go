package seed

import (
	"embed"
	"fmt"
)

//go:embed pictures/*.webp
var pictureFiles embed.FS

const pictureType = "image/webp"

// Picture returns the bytes and the content type of a product's picture, a square WebP of 256
// pixels with a transparent ground. The error wraps fs.ErrNotExist for an unknown name.
func Picture(name string) ([]byte, string, error) {
	data, err := pictureFiles.ReadFile("pictures/" + name + ".webp")
	if err != nil {
		return nil, "", fmt.Errorf("seed: picture %q: %w", name, err)
	}
	return data, pictureType, nil
}
