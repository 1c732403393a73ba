package main

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

const (
	logDir   = "/var/log"
	logBytes = 8 << 20 // then NAME.log becomes NAME.log.1
)

// output carries what a process prints to its log file and to the console.
type output struct {
	writer *os.File
	log    *logFile
	once   sync.Once
	done   chan struct{}
}

func (g *guest) openOutput(name string) (*output, error) {
	log, err := openLog(filepath.Join(g.logs, name+".log"))
	if err != nil {
		return nil, err
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, log.close())
	}
	sink := &output{writer: writer, log: log, done: make(chan struct{})}
	go sink.copy(reader, g.console.channel(name))
	return sink, nil
}

func (o *output) copy(reader *os.File, to *channel) {
	defer close(o.done)
	defer func() { _ = reader.Close(); _ = o.log.close() }()
	lines := bufio.NewReaderSize(reader, 16<<10)
	for {
		line, err := lines.ReadSlice('\n')
		if len(line) > 0 {
			_ = o.log.add(line) // a full disk leaves the console
			to.line(strings.TrimRight(string(line), "\r\n"))
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return
		}
	}
}

// closeWriter drops the parent's end once a child holds the other.
func (o *output) closeWriter() { o.once.Do(func() { _ = o.writer.Close() }) }

// wait lets the last lines through; a daemon left behind may hold the pipe for ever.
func (o *output) wait() {
	select {
	case <-o.done:
	case <-time.After(time.Second):
	}
}

// logFile keeps at most two generations of logBytes.
type logFile struct {
	path  string
	file  *os.File
	size  int64
	limit int64
}

func openLog(path string) (*logFile, error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o640)
	if err != nil {
		return nil, err
	}
	size, err := file.Seek(0, io.SeekEnd)
	return &logFile{path: path, file: file, size: size, limit: logBytes}, err
}

func (l *logFile) add(data []byte) error {
	if l.size+int64(len(data)) > l.limit {
		if err := l.rotate(); err != nil {
			return err
		}
	}
	n, err := l.file.Write(data)
	l.size += int64(n)
	return err
}

func (l *logFile) rotate() error {
	if err := errors.Join(l.file.Close(), os.Rename(l.path, l.path+".1")); err != nil {
		return err
	}
	fresh, err := openLog(l.path)
	if err != nil {
		return err
	}
	l.file, l.size = fresh.file, fresh.size
	return nil
}

func (l *logFile) close() error { return l.file.Close() }
