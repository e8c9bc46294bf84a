//go:build amd64 || arm64

package db

import (
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
	"zombiezen.com/go/sqlite"
)

// SQLite writes each page of a commit to its log in two calls, and this build of it then asks the disk for the file's
// times as well, which is a second round to the disk. The writer's log is therefore a file of our own kind: what is
// written one behind the other is kept, handed over in one piece, and synced as data alone (fdatasync), which is what
// SQLite does where it knows of it. ADR 0019 has the figures.
//
// Whatever SQLite asks of the log, reading, its length, cutting it, syncing it or closing it, first hands over what is
// kept, so nothing can be seen of the keeping: with synchronous=FULL each commit is synced before the log's index tells
// other connections of it, and before its callers are answered. A connection without that must not use it.

// logPiece is how much of the log is kept at most: SQLite writes no more than this at once.
const logPiece = 1<<17 - 1

// logKind is the name of a VFS that is the system's own but for the log.
const logKind = "hutong-log"

// logFile is what a log has behind what SQLite's own kind of file has.
type logFile struct {
	kept  uintptr // logPiece bytes
	at, n int64   // where the kept bytes belong, and how many they are
}

type (
	openMethod  = func(t *libc.TLS, vfs, name, file uintptr, flags int32, out uintptr) int32
	bytesMethod = func(t *libc.TLS, file, p uintptr, n int32, at int64) int32
	closeMethod = func(t *libc.TLS, file uintptr) int32
	cutMethod   = func(t *libc.TLS, file uintptr, size int64) int32
	syncMethod  = func(t *libc.TLS, file uintptr, flags int32) int32
	sizeMethod  = func(t *libc.TLS, file, size uintptr) int32
)

// logs are made once for the process, since SQLite keeps its kinds of files for that long.
var logs struct {
	once    sync.Once
	err     error
	system  openMethod // opens any file
	behind  uintptr    // where a logFile stands, counted from its file's address
	filled  sync.Once  // by the first log: only an open file tells the system's methods
	under   uintptr    // those
	methods uintptr    // ours, which open logs of other databases may be using
}

// writerName is how the connection that writes names the database, so that its log is one of ours.
func writerName(path string) (name string, flag sqlite.OpenFlags, err error) {
	logs.once.Do(func() { logs.err = makeLogs() })
	name = strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(filepath.Clean(path))
	return "file:" + name + "?vfs=" + logKind, sqlite.OpenURI, logs.err
}

var errLogs = errors.New("db: SQLite did not take the kind of its log")

func makeLogs() error {
	t := libc.NewTLS()
	defer t.Close()
	system := lib.Xsqlite3_vfs_find(t, 0)
	name, err := libc.CString(logKind)
	kind := libc.Xcalloc(t, 1, lib.Tsize_t(unsafe.Sizeof(lib.Tsqlite3_vfs{})))
	logs.methods = libc.Xcalloc(t, 1, lib.Tsize_t(unsafe.Sizeof(lib.Tsqlite3_io_methods{})))
	if system == 0 || err != nil || kind == 0 || logs.methods == 0 {
		return errors.Join(errLogs, err)
	}
	v := at[lib.Tsqlite3_vfs](kind)
	*v = *at[lib.Tsqlite3_vfs](system)
	logs.system = method[openMethod](v.FxOpen)
	logs.behind = (uintptr(v.FszOsFile) + 7) &^ 7
	v.FszOsFile = int32(logs.behind + unsafe.Sizeof(logFile{}))
	v.FpNext, v.FzName = 0, name
	v.FxOpen = address[openMethod](func(t *libc.TLS, vfs, name, file uintptr, flags int32, out uintptr) int32 {
		code := logs.system(t, vfs, name, file, flags, out)
		if code == lib.SQLITE_OK && flags&lib.SQLITE_OPEN_WAL != 0 {
			keepLog(t, file)
		}
		return code
	})
	if lib.Xsqlite3_vfs_register(t, kind, 0) != lib.SQLITE_OK {
		return errLogs
	}
	return nil
}

// keepLog gives an open log our methods. Without memory for it, and on a file system for which SQLite has methods of
// another kind, it stays as it is.
func keepLog(t *libc.TLS, file uintptr) {
	f := at[lib.Tsqlite3_file](file)
	logs.filled.Do(func() { fillMethods(f.FpMethods) })
	if f.FpMethods != logs.under {
		return
	}
	l := logOf(file)
	if *l = (logFile{kept: libc.Xmalloc(t, logPiece)}); l.kept != 0 {
		f.FpMethods = logs.methods
	}
}

func fillMethods(under uintptr) {
	logs.under = under
	m := at[lib.Tsqlite3_io_methods](logs.methods)
	*m = *systemLog()
	m.FxClose, m.FxSync = address[closeMethod](closeLog), address[syncMethod](syncLog)
	m.FxRead, m.FxWrite = address[bytesMethod](readLog), address[bytesMethod](writeLog)
	m.FxTruncate, m.FxFileSize = address[cutMethod](cutLog), address[sizeMethod](sizeLog)
}

// systemLog are the methods of SQLite's own kind of file.
func systemLog() *lib.Tsqlite3_io_methods { return at[lib.Tsqlite3_io_methods](logs.under) }

func logOf(file uintptr) *logFile { return at[logFile](file + logs.behind) }

// handOver writes what is kept. What could not be written is not tried again: its transaction is taken back.
func (l *logFile) handOver(t *libc.TLS, file uintptr) int32 {
	if l.n == 0 {
		return lib.SQLITE_OK
	}
	n := l.n
	l.n = 0
	return method[bytesMethod](systemLog().FxWrite)(t, file, l.kept, int32(n), l.at)
}

func writeLog(t *libc.TLS, file, p uintptr, n int32, offset int64) int32 {
	l := logOf(file)
	if offset != l.at+l.n || l.n+int64(n) > logPiece {
		if code := l.handOver(t, file); code != lib.SQLITE_OK {
			return code
		}
		l.at = offset
	}
	if n > logPiece {
		return method[bytesMethod](systemLog().FxWrite)(t, file, p, n, offset)
	}
	copy(unsafe.Slice(at[byte](l.kept), logPiece)[l.n:], unsafe.Slice(at[byte](p), n))
	l.n += int64(n)
	return lib.SQLITE_OK
}

func readLog(t *libc.TLS, file, p uintptr, n int32, offset int64) int32 {
	l := logOf(file)
	if code := l.handOver(t, file); code != lib.SQLITE_OK {
		return code
	}
	return method[bytesMethod](systemLog().FxRead)(t, file, p, n, offset)
}

// syncLog leaves to SQLite the first sync of a log that it made, which is one of its folder too.
func syncLog(t *libc.TLS, file uintptr, flags int32) int32 {
	l, f := logOf(file), at[lib.TunixFile](file)
	if code := l.handOver(t, file); code != lib.SQLITE_OK {
		return code
	}
	if f.FctrlFlags&lib.UNIXFILE_DIRSYNC != 0 {
		return method[syncMethod](systemLog().FxSync)(t, file, flags)
	}
	if libc.Xfdatasync(t, f.Fh) != 0 {
		return lib.SQLITE_IOERR_FSYNC
	}
	return lib.SQLITE_OK
}

func cutLog(t *libc.TLS, file uintptr, size int64) int32 {
	l := logOf(file)
	if code := l.handOver(t, file); code != lib.SQLITE_OK {
		return code
	}
	return method[cutMethod](systemLog().FxTruncate)(t, file, size)
}

func sizeLog(t *libc.TLS, file, size uintptr) int32 {
	l := logOf(file)
	if code := l.handOver(t, file); code != lib.SQLITE_OK {
		return code
	}
	return method[sizeMethod](systemLog().FxFileSize)(t, file, size)
}

func closeLog(t *libc.TLS, file uintptr) int32 {
	l := logOf(file)
	code := l.handOver(t, file)
	libc.Xfree(t, l.kept)
	if closed := method[closeMethod](systemLog().FxClose)(t, file); code == lib.SQLITE_OK {
		code = closed
	}
	return code
}

// at is what stands at an address of SQLite's memory, which Go's collector neither moves nor frees.
func at[T any](address uintptr) *T { return (*T)(*(*unsafe.Pointer)(unsafe.Pointer(&address))) }

// address and method are how SQLite keeps a function, and that function again. It must hold nothing: what a closure
// holds the collector would free.
func address[F any](f F) uintptr { return *(*uintptr)(unsafe.Pointer(&f)) }

func method[F any](address uintptr) F { return *(*F)(unsafe.Pointer(&address)) }
