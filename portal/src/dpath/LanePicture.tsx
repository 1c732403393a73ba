import { Link } from "@tanstack/react-router";
import { Tag } from "antd";
import { useMemo } from "react";
import { useWords } from "../i18n/words";
import { useMode } from "../shell/mode";
import { type Ink, inkOf } from "./colours";
import { LaneCell, useTrafficText } from "./LaneCell";
import { type Environment, type Lane, type LaneMap, layout, size, type Stream } from "./lanes";
import { StageTag } from "./StageTag";
import "./lanes.css";

/** A line from one app to the next; it goes on faintly behind the nodes, so that a lane is seen as one way. */
function Line({ stream: s, ink, told }: { stream: Stream; ink: Ink; told: string }) {
  // The last part is flat, so that what is written above it stands clear.
  const end = s.to.x - size.flat;
  const bend = (s.from.x + end) / 2;
  const common = { fill: "none", stroke: ink.colour, strokeWidth: s.width, strokeDasharray: ink.dash };
  return (
    <g data-stream={`${s.app} ${s.env} ${s.way}`}>
      <title>{told}</title>
      <path {...common} opacity={s.rate > 0 ? 1 : 0.55} d={`M${s.from.x} ${s.from.y} C${bend} ${s.from.y} ${bend} ${s.to.y} ${end} ${s.to.y} H${s.to.x}`} />
      {s.onward && <path {...common} opacity={0.25} d={`M${s.to.x} ${s.to.y} h${size.cell}`} />}
      {s.way === "refused" && <path {...common} strokeWidth={2.5} strokeDasharray={undefined} d={`M${s.to.x} ${s.to.y - 6} l12 12 m0 -12 l-12 12`} />}
    </g>
  );
}

function Rate({ stream: s, ink, text }: { stream: Stream; ink: Ink; text: string }) {
  if (s.rate === 0) return null;
  return (
    <text x={s.to.x - (s.way === "refused" ? 2 : 6)} y={s.to.y - s.width / 2 - 3} textAnchor="end" className="lane-rate" fill={ink.colour}>
      {text}
    </text>
  );
}

function Heading({ lane, ink, name }: { lane: Lane; ink: Ink; name: string }) {
  return (
    <div className="lane-heading" style={{ top: lane.top, height: lane.height }}>
      <svg width={size.step * 2} height={size.line} aria-hidden>
        <path d={`M0 ${size.line / 2} h${size.step * 2}`} stroke={ink.colour} strokeWidth={4} strokeDasharray={ink.dash} />
      </svg>
      <strong title={name}>{lane.id ? <Link to="/dpathenvs/$id" params={{ id: lane.id }} style={{ color: "inherit" }}>{name}</Link> : name}</strong>
      <StageTag stage={lane.stage} />
    </div>
  );
}

/** Draws apps from the entry inwards, a lane for each environment, and what flows along it. */
export function LanePicture({ map, environments }: { map: LaneMap; environments: Environment[] }) {
  const { t } = useWords();
  const mode = useMode();
  const say = useTrafficText();
  const picture = useMemo(() => layout(map, environments), [map, environments]);
  const inks = new Map(picture.lanes.map((l, place) => [l.env, inkOf(place, mode)]));
  const ink = (env: string) => inks.get(env) ?? inkOf(0, mode);
  const name = (env: string) => env || t("dpath.public");
  return (
    <section className="lanes" aria-label={t("dpath.pictureLabel")} style={{ height: picture.height }}>
      <div className="lane-headings">{picture.lanes.map((l) => <Heading key={l.env} lane={l} ink={ink(l.env)} name={name(l.env)} />)}</div>
      <div className="lane-scroll" tabIndex={0} role="region" aria-label={t("dpath.mapLabel")}>
        <div style={{ position: "relative", width: picture.width, height: picture.height }}>
          {picture.lanes.map((l) => <div key={l.env} className="lane-road" style={{ top: l.top - size.between / 2 + 3, height: l.height + size.between - 6 }} />)}
          {picture.apps.map((a) => (
            <div key={a.app} className="lane-app" style={{ left: a.x, width: size.cell }}>
              <strong title={a.app}>{a.app}</strong>
              {a.entry && <Tag style={{ marginInlineEnd: 0 }}>{t("dpath.entry")}</Tag>}
            </div>
          ))}
          <svg width={picture.width} height={picture.height} style={{ position: "absolute" }} aria-hidden>
            {picture.streams.map((s) => <Line key={`${s.app} ${s.env} ${s.way}`} stream={s} ink={ink(s.env)} told={`${name(s.env)} → ${s.app}: ${say(s)}`} />)}
            {picture.streams.map((s) => <Rate key={`${s.app} ${s.env} ${s.way}`} stream={s} ink={ink(s.env)} text={say(s)} />)}
          </svg>
          {picture.cells.map((c) => <LaneCell key={`${c.app} ${c.env}`} cell={c} lane={name(c.env)} ink={ink(c.env)} />)}
        </div>
      </div>
    </section>
  );
}
