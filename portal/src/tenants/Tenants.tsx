import { PlusOutlined } from "@ant-design/icons";
import { Button, Card, Table } from "antd";
import { useState } from "react";
import type { Node } from "../api/types";
import { PageHead } from "../feedback/PageHead";
import { Moment } from "../feedback/Moment";
import { ToneTag } from "../feedback/PhaseTag";
import { useWords } from "../i18n/words";
import { useCan, useMe } from "../session/permissions";
import { NewNode } from "./NewNode";
import { type Branch, branches } from "./branches";

/** The tree of the group as far as the user sees it. */
export function Tenants() {
  const { t } = useWords();
  const me = useMe();
  const may = useCan()("create", "node");
  const [below, addBelow] = useState<Node>();
  const tree = branches(me.nodes);
  return (
    <div className="page">
      <PageHead title={t("tenants.title")} />
      <Card styles={{ body: { padding: 0 } }}>
        <Table<Branch>
          rowKey="id"
          size="middle"
          pagination={false}
          dataSource={tree}
          scroll={{ x: "max-content" }}
          expandable={{ defaultExpandAllRows: true }}
          columns={[
            { title: t("tenants.name"), render: (_, n) => <span className="row">{n.title || n.name || t("tenants.root")}{n.suspended && <ToneTag tone="warn">{t("tenants.suspended")}</ToneTag>}</span> },
            { title: t("tenants.type"), render: (_, n) => t(`tenants.${n.type}`) },
            { title: t("tenants.fullName"), render: (_, n) => <span className="mono">{n.fullName || t("detail.none")}</span> },
            { title: t("list.created"), render: (_, n) => <Moment at={n.createdAt} /> },
            {
              title: "",
              align: "right",
              render: (_, n) => may && n.type !== "project" && (
                <Button size="small" icon={<PlusOutlined />} aria-label={`${t("tenants.create")}: ${n.fullName || t("tenants.root")}`} onClick={() => addBelow(n)}>
                  {t("tenants.create")}
                </Button>
              ),
            },
          ]}
        />
      </Card>
      {below && <NewNode below={below} onClose={() => addBelow(undefined)} />}
    </div>
  );
}
