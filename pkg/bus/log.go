package bus

import (
	"fmt"
	"log/slog"
	"strings"
)

// natsLog hands the server's log to slog: its notices are our debug lines.
type natsLog struct{ log *slog.Logger }

func (l natsLog) Noticef(format string, v ...any) { l.log.Debug(line(format, v)) }
func (l natsLog) Warnf(format string, v ...any)   { l.log.Warn(line(format, v)) }
func (l natsLog) Fatalf(format string, v ...any)  { l.log.Error(line(format, v)) }
func (l natsLog) Errorf(format string, v ...any)  { l.log.Error(line(format, v)) }
func (l natsLog) Debugf(format string, v ...any)  { l.log.Debug(line(format, v)) }
func (l natsLog) Tracef(format string, v ...any)  { l.log.Debug(line(format, v)) }

func line(format string, v []any) string { return strings.TrimSpace(fmt.Sprintf(format, v...)) }
