import { useEffect, useState } from "react";
import { client } from "../api/client";
import { unwrap } from "../api/problem";

export type ConsoleType = "serial" | "vnc";

/** Why a console was closed, by the code of its websocket. */
export const reasons = {
  1000: "left",
  1001: "stopping",
  4000: "ended",
  4001: "idle",
  4002: "long",
  4003: "refused",
  4004: "gone",
  4005: "failed",
} as const;
export type Reason = (typeof reasons)[keyof typeof reasons] | "broken";

/** What is known of a connection to a console. */
export type Line =
  | { phase: "opening" | "open" }
  | { phase: "closed"; reason: Reason; detail: string }
  | { phase: "refused"; error: unknown };

export const reasonOf = (code: number): Reason => reasons[code as keyof typeof reasons] ?? "broken";

/** Where a path of this server is reached by a websocket. */
export const socketURL = (path: string, at: { protocol: string; host: string } = location): string =>
  `${at.protocol === "https:" ? "wss" : "ws"}://${at.host}${path}`;

async function dial(id: string, type: ConsoleType, signal: AbortSignal): Promise<WebSocket> {
  const ticket = await unwrap(client.POST("/v1/servers/{id}/console", { params: { path: { id } }, body: { type }, signal }));
  const socket = new WebSocket(socketURL(ticket.path), "binary");
  socket.binaryType = "arraybuffer";
  return socket;
}

/**
 * Keeps a console of a server open while the component shows. attach is handed the socket before anything comes over it,
 * and returns how to let it go; it must not change from render to render, and a component shows one server's console only.
 */
export function useLine(id: string, type: ConsoleType, attach: (socket: WebSocket) => () => void): Line {
  const [line, setLine] = useState<Line>({ phase: "opening" });
  useEffect(() => {
    const stop = new AbortController();
    let release: (() => void) | undefined;
    dial(id, type, stop.signal).then(
      (socket) => {
        if (stop.signal.aborted) return socket.close();
        const detach = attach(socket);
        const tell = (next: Line) => !stop.signal.aborted && setLine(next);
        socket.addEventListener("open", () => tell({ phase: "open" }));
        socket.addEventListener("close", (e) => tell({ phase: "closed", reason: reasonOf(e.code), detail: e.reason }));
        release = () => {
          detach();
          socket.close();
        };
      },
      (error: unknown) => !stop.signal.aborted && setLine({ phase: "refused", error }),
    );
    return () => {
      stop.abort();
      release?.();
    };
  }, [id, type, attach]);
  return line;
}
