import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import { useCallback, useRef } from "react";
import { useWords } from "../i18n/words";
import { useLine } from "./ConsoleLine";
import { ConsoleState } from "./ConsoleState";

const encoder = new TextEncoder();

/** A server's serial line in a terminal. */
export default function ConsoleSerial({ id, again }: { id: string; again: () => void }) {
  const { t } = useWords();
  const box = useRef<HTMLDivElement>(null);
  const attach = useCallback((socket: WebSocket) => {
    const terminal = new Terminal({ cursorBlink: true, scrollback: 5000, screenReaderMode: true, fontFamily: "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace", fontSize: 13, theme: { background: "#10151f", foreground: "#d7e0ee" } });
    const fit = new FitAddon();
    terminal.loadAddon(fit);
    const watch = new ResizeObserver(() => fit.fit());
    if (box.current) {
      terminal.open(box.current);
      watch.observe(box.current);
    }
    const send = (data: Uint8Array) => socket.readyState === WebSocket.OPEN && socket.send(data as Uint8Array<ArrayBuffer>);
    terminal.onData((text) => send(encoder.encode(text)));
    terminal.onBinary((bytes) => send(Uint8Array.from(bytes, (c) => c.charCodeAt(0))));
    socket.addEventListener("message", (e: MessageEvent<ArrayBuffer>) => terminal.write(new Uint8Array(e.data)));
    socket.addEventListener("open", () => terminal.focus());
    return () => {
      watch.disconnect();
      terminal.dispose();
    };
  }, []);
  const line = useLine(id, "serial", attach);
  return (
    <>
      <ConsoleState line={line} again={again} />
      <p className="muted console-hint">{t("servers.consoles.serialHint")}</p>
      <div ref={box} className="console-box" role="group" aria-label={t("servers.consoles.serial")} data-phase={line.phase} />
    </>
  );
}
