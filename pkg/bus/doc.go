// Package bus is Plaza's message bus: an embedded NATS server whose clients prove themselves with nkeys, the connection
// to it, and request/reply calls and streams from the control plane to the agents of hosts. It knows no cloud and no resource.
//
// Subjects, <host> being the id of an enrolled host:
//
//	plaza.rpc.<host>.<role>                  requests to the agent, JSON Request
//	plaza.rpc.<host>.<role>.cancel           the caller gave up: body is the request id
//	plaza.rpc.<host>.<role>.stream.<id>      bytes of a stream to the agent; <id> is that of the call that opened it
//	plaza.host.<host>.stream.<id>            its bytes from the agent
//	plaza.host.<host>.reply.<caller>.<id>    answers, JSON Response; header Plaza-Pending marks a sign of life
//	plaza.host.<host>.<topic>                what the agent tells unasked: heartbeat, inventory, event
//
// An agent may publish below plaza.host.<host>. and subscribe below plaza.rpc.<host>. only, so that an answer or a
// heartbeat that arrives from a host is that host's own.
package bus
