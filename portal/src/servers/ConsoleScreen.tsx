import RFB from "@novnc/novnc";
import { Button } from "antd";
import { useCallback, useRef } from "react";
import { useWords } from "../i18n/words";
import { useLine } from "./ConsoleLine";
import { ConsoleState } from "./ConsoleState";

/** A server's screen, with its keyboard and mouse. */
export default function ConsoleScreen({ id, again }: { id: string; again: () => void }) {
  const { t } = useWords();
  const box = useRef<HTMLDivElement>(null);
  const screen = useRef<RFB | null>(null);
  const attach = useCallback((socket: WebSocket) => {
    if (!box.current) return () => undefined;
    const rfb = new RFB(box.current, socket, { shared: true });
    rfb.background = "#10151f";
    rfb.scaleViewport = true;
    rfb.addEventListener("connect", () => rfb.focus());
    screen.current = rfb;
    return () => {
      screen.current = null;
      rfb.disconnect();
    };
  }, []);
  const line = useLine(id, "vnc", attach);
  return (
    <>
      <ConsoleState line={line} again={again} />
      <div className="row console-hint">
        <span className="muted">{t("servers.consoles.screenHint")}</span>
        <Button size="small" disabled={line.phase !== "open"} onClick={() => screen.current?.sendCtrlAltDel()}>
          Ctrl-Alt-Del
        </Button>
      </div>
      <div ref={box} className="console-box" role="group" aria-label={t("servers.consoles.screen")} data-phase={line.phase} />
    </>
  );
}
