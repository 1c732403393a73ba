import { useQuery } from "@tanstack/react-query";
import { Card, Table } from "antd";
import { queries } from "../api/queries";
import type { KindObject } from "../api/types";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import { kindOf } from "../kinds/catalogue";
import { useColumns } from "../kinds/columns";

export function HostTable() {
  const { t } = useWords();
  const kind = kindOf("hosts");
  const { data, error } = useQuery(queries.list("hosts", { limit: 1000 }));
  const columns = useColumns(kind!, false);
  return (
    <Card title={t("pools.hostsTitle")} styles={{ body: { padding: 0 } }}>
      <ProblemAlert error={error} />
      <Table<KindObject> rowKey="id" size="middle" dataSource={data?.items} columns={columns} pagination={false} scroll={{ x: "max-content" }} />
    </Card>
  );
}
