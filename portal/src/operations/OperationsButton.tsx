import swap from "@ant-design/icons-svg/es/asn/SwapOutlined";
import { useQuery } from "@tanstack/react-query";
import { Suspense } from "react";
import { queries } from "../api/queries";
import { Button } from "../controls/Button";
import { Icon } from "../controls/Icon";
import { useWide } from "../controls/useWide";
import { useWords } from "../i18n/words";
import { dressed } from "../shell/dressed";

const OperationsDrawer = dressed(async () => (await import("./OperationsDrawer")).OperationsDrawer);

function Counted({ count }: { count: number }) {
  return (
    <span aria-hidden className="counted">
      <Icon of={swap} />
      {count > 0 && <span className="count">{count > 99 ? "99+" : count}</span>}
    </span>
  );
}

/** Tells how many operations run; opens the drawer that follows them. */
export function OperationsButton({ open, setOpen }: { open: boolean; setOpen: (open: boolean) => void }) {
  const { t } = useWords();
  const wide = useWide();
  const running = useQuery(queries.operations).data?.items.filter((o) => !o.endedAt).length ?? 0;
  const label = t("operations.open", { running: running > 0 ? t("operations.running", { count: running }) : t("operations.idle") });
  return (
    <>
      <Button look="text" aria-label={label} onClick={() => setOpen(true)} icon={<Counted count={running} />}>
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
