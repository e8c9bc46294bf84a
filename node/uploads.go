package node

import (
	"path/filepath"
	"time"

	"hutong/base/job"
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
