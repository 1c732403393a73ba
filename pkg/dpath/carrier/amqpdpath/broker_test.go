package amqpdpath_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"go.uber.org/goleak"
)

// program is where Debian keeps the server itself, without the wrapper that
// changes user and folder.
const program = "/usr/lib/rabbitmq/bin/rabbitmq-server"

var url string // of the broker of this test run

func TestMain(m *testing.M) {
	if _, err := os.Stat(program); err != nil {
		fmt.Println("skipped: install the Debian package rabbitmq-server")
		return
	}
	stop, err := start()
	code := 1
	if err != nil {
		fmt.Println(err)
	} else if code = m.Run(); code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Println(err)
			code = 1
		}
	}
	stop()
	os.Exit(code)
}

// start runs a broker in a folder of its own, on loopback, with an epmd of its
// own. stop ends both; it is never nil.
func start() (stop func(), err error) {
	var running []*exec.Cmd
	dir, err := os.MkdirTemp("", "plaza-rabbit")
	stop = func() {
		for _, c := range running {
			_ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL) // with its port programs
			_ = c.Wait()
		}
		_ = os.RemoveAll(dir)
	}
	if err != nil {
		return stop, err
	}
	ports, err := freePorts(3)
	if err != nil {
		return stop, err
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return stop, err
	}
	defer log.Close()
	plugins, config := filepath.Join(dir, "plugins"), filepath.Join(dir, "rabbitmq.conf")
	if err := errors.Join(os.WriteFile(plugins, []byte("[]."), 0o600), os.WriteFile(config, []byte("disk_free_limit.absolute = 1MB\n"), 0o600)); err != nil {
		return stop, err
	}
	for _, args := range [][]string{{"epmd", "-address", "127.0.0.1", "-port", ports[0]}, {program}} {
		c := exec.Command(args[0], args[1:]...)
		c.Dir, c.Stdout, c.Stderr = dir, log, log
		c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
		c.Env = append(os.Environ(), "HOME="+dir, "ERL_EPMD_PORT="+ports[0], "ERL_EPMD_ADDRESS=127.0.0.1",
			"RABBITMQ_NODENAME=plaza"+strconv.Itoa(os.Getpid())+"@localhost", "RABBITMQ_NODE_IP_ADDRESS=127.0.0.1", "RABBITMQ_NODE_PORT="+ports[1],
			"RABBITMQ_DIST_PORT="+ports[2], "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-kernel inet_dist_use_interface {127,0,0,1}",
			"RABBITMQ_MNESIA_BASE="+dir+"/data", "RABBITMQ_LOGS=-", "RABBITMQ_LOG_BASE="+dir, "RABBITMQ_PID_FILE="+dir+"/pid",
			"RABBITMQ_ENABLED_PLUGINS_FILE="+plugins, "RABBITMQ_CONFIG_FILE="+config, "RABBITMQ_CONF_ENV_FILE=/dev/null")
		if err := c.Start(); err != nil {
			return stop, err
		}
		running = append(running, c)
	}
	url = "amqp://guest:guest@127.0.0.1:" + ports[1]
	return stop, await(log.Name())
}

// await waits until the broker answers.
func await(log string) (err error) {
	for deadline := time.Now().Add(5 * time.Minute); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		var conn *amqp.Connection
		if conn, err = amqp.Dial(url); err == nil {
			return conn.Close()
		}
	}
	text, _ := os.ReadFile(log)
	return fmt.Errorf("RabbitMQ does not answer: %w\n%s", err, text)
}

func freePorts(n int) (ports []string, err error) {
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close()
		ports = append(ports, strconv.Itoa(l.Addr().(*net.TCPAddr).Port))
	}
	return ports, nil
}
