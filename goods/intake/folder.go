package intake

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"runtime"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"hutong/base/fault"
	"hutong/goods/catalog"
	"hutong/goods/picture"
)

// folder is the merchant's folder of pictures. What a file calls a picture is looked for below it: as a path, then by
// its last part alone, also that of a web address. Links are not followed and nothing above it is reached.
type folder struct {
	root  *os.Root
	keep  func(context.Context, io.Reader) (picture.ID, error)
	mu    sync.Mutex
	known map[string]found
}

// found is what became of one name: a picture, none of that name (both empty), or why it is none.
type found struct {
	id      catalog.PictureID
	refused *fault.Error
}

// openFolder opens a folder whose pictures are kept by keep; a dry run only looks at them.
func openFolder(dir string, keep func(context.Context, io.Reader) (picture.ID, error)) (*folder, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fault.New(fault.NotFound, "intake.no_folder").Because(err).At("pictures")
	}
	return &folder{root: root, keep: keep, known: map[string]found{}}, nil
}

func (f *folder) close() error { return f.root.Close() }

// learn looks for many names at once. An error is of the machine; a broken picture is none.
func (f *folder) learn(ctx context.Context, refs []string) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for _, ref := range refs {
		if _, done := f.get(ref); done {
			continue
		}
		g.Go(func() error {
			what, err := f.look(ctx, ref)
			if err == nil {
				f.put(ref, what)
			}
			return err
		})
	}
	return g.Wait()
}

func (f *folder) get(ref string) (found, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	what, ok := f.known[ref]
	return what, ok
}

func (f *folder) put(ref string, what found) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.known[ref] = what
}

func (f *folder) look(ctx context.Context, ref string) (found, error) {
	for _, name := range candidates(ref) {
		file, err := f.open(name)
		if err != nil {
			return found{}, err
		}
		if file == nil {
			continue
		}
		id, err := f.keep(ctx, file)
		if closed := file.Close(); err == nil {
			err = closed
		}
		var refused *fault.Error
		if errors.As(err, &refused) && refused.Kind == fault.Invalid {
			return found{refused: refused}, nil
		}
		return found{id: catalog.PictureID(id)}, err
	}
	return found{}, nil
}

// candidates are the paths at which a picture may lie.
func candidates(ref string) []string {
	u, err := url.Parse(ref)
	if err != nil {
		return nil
	}
	if u.Scheme != "" {
		return local(path.Base(u.Path))
	}
	whole := strings.TrimLeft(ref, "/")
	return append(local(whole), local(path.Base(whole))...)
}

// local gives the path if it stays below the folder.
func local(name string) []string {
	name = path.Clean(name)
	if name == "." || strings.ContainsAny(name, "\\\x00") || !fs.ValidPath(name) {
		return nil
	}
	return []string{name}
}

// open opens a plain file, or gives nil where there is none. Every part of the path is looked at, for os.Root follows
// links that stay below it.
func (f *folder) open(name string) (*os.File, error) {
	parts := strings.Split(name, "/")
	for i := range parts {
		info, err := f.root.Lstat(path.Join(parts[:i+1]...))
		if err != nil {
			return nil, nothing(err)
		}
		if last := i == len(parts)-1; last != info.Mode().IsRegular() || !last && !info.IsDir() {
			return nil, nil
		}
	}
	file, err := f.root.Open(name)
	return file, nothing(err)
}

// nothing forgives that a file is not there, or that no file could have such a name.
func nothing(err error) error {
	var named *fs.PathError
	if errors.As(err, &named) {
		return nil
	}
	return err
}
