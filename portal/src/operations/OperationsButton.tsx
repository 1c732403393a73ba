import { SwapOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Badge, Button, Grid } from "antd";
import { lazy, Suspense } from "react";
import { queries } from "../api/queries";
import { useWords } from "../i18n/words";

const OperationsDrawer = lazy(async () => ({ default: (await import("./OperationsDrawer")).OperationsDrawer }));

/** Tells how many operations run; opens the drawer that follows them. */
export function OperationsButton({ open, setOpen }: { open: boolean; setOpen: (open: boolean) => void }) {
  const { t } = useWords();
  const wide = Grid.useBreakpoint().lg !== false;
  const running = useQuery(queries.operations).data?.items.filter((o) => !o.endedAt).length ?? 0;
  const label = t("operations.open", { running: running > 0 ? t("operations.running", { count: running }) : t("operations.idle") });
  return (
    <>
      <Button type="text" aria-label={label} onClick={() => setOpen(true)} icon={<Badge count={running} size="small" color="#1554d1"><SwapOutlined /></Badge>}>
        {wide && t("operations.title")}
      </Button>
      {open && (
        <Suspense fallback={null}>
          <OperationsDrawer onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
