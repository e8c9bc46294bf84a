package intake

import (
	"context"

	"golang.org/x/sync/errgroup"

	"hutong/base/fault"
	"hutong/goods/catalog"
)

// The size of a batch: one transaction of some ten milliseconds, so that orders get their turn between two.
const (
	batchProducts = 100 // at most catalog.BatchMax
	batchSKUs     = 1_000
)

// file imports one file. One goroutine reads and checks while another writes the batch before.
func (r *run) file(ctx context.Context, path string) error {
	src, format, err := r.detect(ctx, path)
	if err != nil {
		r.rejectFile(src, path, err)
		return err
	}
	r.source = src
	src.OnRead = r.progress
	g, inner := errgroup.WithContext(ctx)
	batches := make(chan []*entry, 1)
	g.Go(func() error {
		defer close(batches)
		return r.read(inner, format, batches)
	})
	g.Go(func() error {
		for batch := range batches {
			if err := r.write(inner, batch); err != nil {
				return err
			}
		}
		return nil
	})
	err = g.Wait()
	if err != nil && ofFile(err) {
		r.rejectFile(src, path, err)
	}
	r.progress(src.Size)
	return err
}

func (r *run) detect(ctx context.Context, path string) (*Source, Format, error) {
	src, err := OpenFile(path)
	if err != nil {
		return nil, nil, err
	}
	if r.cmd.Run != "" && len(r.cmd.Files) == 1 {
		src.Name = r.kept.File // as its merchant calls it
	}
	if len(r.cmd.Formats) == 1 {
		return src, r.cmd.Formats[0], nil
	}
	format, err := Detect(ctx, src, r.cmd.Formats)
	return src, format, err
}

// rejectFile reports a file that cannot be read on.
func (r *run) rejectFile(src *Source, path string, err error) {
	if src == nil {
		src = &Source{Name: path}
	}
	if ofFile(err) {
		f := fault.As(err)
		r.reject(src.Reject(0, f.Code, f.Field, f.Params...))
	}
}

// read checks the file's products and hands them over in batches.
func (r *run) read(ctx context.Context, format Format, batches chan<- []*entry) error {
	known, err := loadCategories()
	if err != nil {
		return err
	}
	check := NewChecker(r.cmd.Currency)
	var batch []*entry
	skus := 0
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		select {
		case batches <- batch:
		case <-ctx.Done():
			return ctx.Err()
		}
		batch, skus = nil, 0
		return nil
	}
	err = format.Read(ctx, r.source, func(p Product) error {
		if err := r.beat(ctx); err != nil {
			return err
		}
		item, ok := check.Check(p, r.rejectFault)
		if !ok {
			return nil
		}
		e := &entry{item: item, category: known.find(item.Product.CategoryPath), position: r.position}
		// The catalogue saves a batch whole or not at all, so its rules are asked first.
		if err := catalog.Check(e.product(r.cmd.Shop)); err != nil {
			r.rejectFault(p.Line, fault.As(err))
			return nil
		}
		r.position++
		batch = append(batch, e)
		if skus += len(item.Prices); len(batch) == batchProducts || skus >= batchSKUs {
			return flush()
		}
		return nil
	}, r.reject)
	if err != nil && !ofFile(err) {
		return err
	}
	if failed := flush(); failed != nil {
		return failed
	}
	return err
}
