package libvirttest

import "github.com/plazacloud/plaza/agents/kvm/initramfs"

// Pages of the guest that put load on it and measure it, by its own clock and counters.
const (
	ReadPage = "/cgi-bin/read" // reads its first disk past the cache without end, in pieces of what stands behind "?", until it is asked for none
	SinkPage = "/cgi-bin/sink" // takes what is posted
	RatePage = "/cgi-bin/rate" // over as many seconds as stand behind "?": "ios=… read=… received=…", a second, the last two in bytes
)

const readScript = `#!/bin/sh
[ -f /reader ] && kill $(cat /reader) 2>/dev/null
pkill -f if=/dev/vda # the power button is read by a dd, too
[ -z "$QUERY_STRING" ] || (while true; do dd if=/dev/vda of=/dev/null bs=$QUERY_STRING iflag=direct || sleep 1; done) </dev/null >/dev/null 2>&1 &
echo $! >/reader
printf 'Content-Type: text/plain\r\n\r\n'
`

const sinkScript = `#!/bin/sh
cat >/dev/null
printf 'Content-Type: text/plain\r\n\r\n'
`

const rateScript = `#!/bin/sh
look() { echo $(cut -d' ' -f1 /proc/uptime) $(cat /sys/block/vda/stat) $(cat /sys/class/net/eth0/statistics/rx_bytes); }
before=$(look); sleep ${QUERY_STRING:-1}; after=$(look)
printf 'Content-Type: text/plain\r\n\r\n'
echo $before $after | awk '{ n = NF / 2; t = $(n+1) - $1; printf "ios=%.1f read=%.0f received=%.0f\n", ($(n+2) - $2) / t, 512 * ($(n+4) - $4) / t, ($NF - $n) / t }'
`

func gauges() (out []initramfs.Entry) {
	for path, script := range map[string]string{ReadPage: readScript, SinkPage: sinkScript, RatePage: rateScript} {
		out = append(out, initramfs.Entry{Name: "www" + path, Mode: 0o755, Data: []byte(script)})
	}
	return out
}
