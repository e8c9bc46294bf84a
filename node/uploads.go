package node

import (
	"path/filepath"
	"time"

	"hutong/base/job"
	"hutong/goods/edit"
	"hutong/goods/intake/upload"
)

// buildUploads opens the folder where files wait for their import. A market without a folder of its own takes none.
func (m *Market) buildUploads() (err error) {
	if m.Dir == "" {
		return nil
	}
	m.Uploads, err = upload.Open(upload.Deps{Intake: m.Intake, Clock: m.Clock, Log: m.Log,
		Dir: filepath.Join(m.Dir, "uploads")})
	return err
}

// closeUploads waits for what is at work.
func (m *Market) closeUploads() error {
	if m.Uploads == nil {
		return nil
	}
	return m.Uploads.Close()
}

func (m *Market) uploadJobs() []job.Job {
	if m.Uploads == nil {
		return nil
	}
	return []job.Job{{Name: "upload.sweep", Every: time.Minute, Run: m.Uploads.Sweep}}
}

// editor changes goods by hand.
func (m *Market) editor() *edit.Service {
	return edit.New(edit.Deps{DB: m.DB, Clock: m.Clock, IDs: m.IDs, Catalog: m.Catalog, Offers: m.Offers, Stock: m.Stock})
}
