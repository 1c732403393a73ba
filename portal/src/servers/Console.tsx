import { FullscreenOutlined } from "@ant-design/icons";
import { Button, Card, Segmented } from "antd";
import { Suspense, lazy, useRef, useState } from "react";
import { EmptyState } from "../feedback/EmptyState";
import { Loading } from "../feedback/Loading";
import { useWords } from "../i18n/words";
import { useCan } from "../session/permissions";
import { ConsoleLog } from "./ConsoleLog";
import "./Console.css";

// Both bring a library that nobody needs who opens no console.
const open = { serial: lazy(() => import("./ConsoleSerial")), screen: lazy(() => import("./ConsoleScreen")) };
type View = "log" | keyof typeof open;

function Work({ view, id }: { view: keyof typeof open; id: string }) {
  const { t } = useWords();
  const [attempt, setAttempt] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const Which = open[view];
  return (
    <Card>
      <div ref={box} className="console-work">
        <Suspense fallback={<Loading what={t("servers.console")} />}>
          <Which key={attempt} id={id} again={() => setAttempt((n) => n + 1)} />
        </Suspense>
        <div>
          <Button icon={<FullscreenOutlined />} onClick={() => void box.current?.requestFullscreen()}>
            {t("servers.consoles.full")}
          </Button>
        </div>
      </div>
    </Card>
  );
}

/** What a server has said, and what one may do at it: its serial line and its screen. */
export function Console({ id, project, running }: { id: string; project?: string; running: boolean }) {
  const { t } = useWords();
  const can = useCan();
  const [view, setView] = useState<View>("log");
  const views: View[] = can("console", "server", project) ? ["log", "serial", "screen"] : ["log"];
  return (
    <div className="stack">
      {views.length > 1 && <Segmented<View> aria-label={t("servers.console")} value={view} onChange={setView} options={views.map((v) => ({ value: v, label: t(`servers.consoles.${v}`) }))} />}
      {view === "log" && <ConsoleLog id={id} />}
      {view !== "log" && !running && <EmptyState title={t("servers.consoles.stopped")} hint={t("servers.consoles.stoppedHint")} />}
      {view !== "log" && running && <Work key={`${id} ${view}`} view={view} id={id} />}
    </div>
  );
}
