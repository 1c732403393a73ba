import { Table } from "antd";
import { useMemo } from "react";
import { useWords } from "../i18n/words";
import { useTrafficText } from "./LaneCell";
import { type Environment, type LaneMap, type LaneNode, lanesOf, nodesOf, ordered, type Traffic, trafficOf } from "./lanes";
import { StageTag } from "./StageTag";

interface Row {
  key: string;
  app: string;
  entry: boolean;
  lane: Environment;
  nodes: LaneNode[];
  traffic: Traffic[];
}

/** All that the picture shows, in words. */
export function LaneTable({ map, environments }: { map: LaneMap; environments: Environment[] }) {
  const { t } = useWords();
  const say = useTrafficText();
  const rows = useMemo(() => {
    const lanes = lanesOf(map, environments);
    return ordered(map).flatMap((a): Row[] => {
      const traffic = trafficOf(a, lanes);
      return lanes.map((lane) => ({ key: `${a.app} ${lane.env}`, app: a.app, entry: a.entry ?? false, lane, nodes: nodesOf(a, lane.env) ?? [], traffic: traffic.filter((x) => x.env === lane.env) }));
    });
  }, [map, environments]);
  return (
    <Table<Row>
      size="small"
      pagination={false}
      dataSource={rows}
      scroll={{ x: "max-content" }}
      columns={[
        { title: t("dpath.app"), render: (_, r) => (r.entry ? `${r.app} (${t("dpath.entry")})` : r.app) },
        { title: t("dpath.lane"), render: (_, r) => <span className="row">{r.lane.env || t("dpath.public")}<StageTag stage={r.lane.stage} /></span> },
        { title: t("dpath.calls"), render: (_, r) => r.traffic.map(say).join(", ") || t("detail.none") },
        { title: t("dpath.nodesTitle"), render: (_, r) => (r.nodes.length > 0 ? <span style={{ display: "block", maxWidth: 560, whiteSpace: "normal" }}>{r.nodes.map((n) => (n.name === n.address ? n.name : `${n.name} (${n.address})`)).join(", ")}</span> : t(r.lane.env ? "dpath.noneOwn" : "detail.none")) },
      ]}
    />
  );
}
