package provider

// QoS bounds how fast a disk or volume may be; 0 is no bound.
type QoS struct {
	IOPS           int64 `json:"iops,omitempty"`
	BytesPerSecond int64 `json:"bytesPerSecond,omitempty"`
}

// UsualWeight is the weight of a server that has none of its own.
const UsualWeight = 100

// CPU bounds what a server gets of its host's processors.
type CPU struct {
	Weight  int `json:"weight,omitempty"`  // against other servers where processors are short, 1 to 10000; 0: UsualWeight
	Percent int `json:"percent,omitempty"` // most of a processor that each vCPU gets; 0: all of it
}
