import { DeleteOutlined, EditOutlined, EllipsisOutlined } from "@ant-design/icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Button, Dropdown, Popconfirm, Tooltip } from "antd";
import { useState } from "react";
import { objects } from "../api/client";
import { keep } from "../api/live";
import { keys } from "../api/queries";
import type { KindObject } from "../api/types";
import { ButtonLink } from "../feedback/ButtonLink";
import { useHelp } from "../i18n/help";
import { useWords } from "../i18n/words";
import { ProblemBody } from "../feedback/ProblemAlert";
import { ProblemError } from "../api/problem";
import { useCan } from "../session/permissions";
import type { KindInfo } from "./catalogue";
import { ActionDialog } from "./ActionDialog";
import { DeleteDialog } from "./DeleteDialog";

/** Actions that make no sense in a state, by kind and action. */
const idle: Record<string, (o: KindObject) => boolean> = {
  "server start": (o) => o.spec.power === "running" && o.status.power === "running",
  "server stop": (o) => o.spec.power === "stopped",
  "server reboot": (o) => o.spec.power !== "running",
  "server pause": (o) => o.spec.power !== "running",
  "server unpause": (o) => o.spec.power !== "paused",
  "server suspend": (o) => o.spec.power !== "running",
  "server resume": (o) => o.spec.power !== "suspended",
  "server shelve": (o) => o.spec.power !== "running" && o.spec.power !== "stopped",
  "server unshelve": (o) => o.spec.power !== "shelved",
  "server rescue": (o) => !!o.spec.rescue || o.spec.power !== "running",
  "server unrescue": (o) => !o.spec.rescue,
  "server confirm-resize": (o) => !o.spec.resize,
  "server revert-resize": (o) => !o.spec.resize,
  "server lock": (o) => !!o.spec.locked,
  "server unlock": (o) => !o.spec.locked,
  "image finish": (o) => (o.spec.disk as { url?: string }).url !== "plaza:upload" || !!(o.spec.disk as { sha256?: string }).sha256,
  "image unshare": (o) => !(o.spec.sharedWith as string[] | undefined)?.length,
  "baremetal provide": (o) => o.spec.state === "available" && o.status.provision === "available",
  "baremetal release": (o) => o.spec.state !== "maintenance" && !o.status.maintenance,
  "baremetal rescue": (o) => !!o.spec.rescue || o.spec.state !== "active",
  "baremetal unrescue": (o) => !o.spec.rescue,
  "baremetal abort": (o) => !String(o.status.provision).endsWith(" wait"),
};
/** Ways back, shown only where there is one. */
const back = new Set(["unpause", "resume", "unshelve", "unrescue", "confirm-resize", "revert-resize", "unlock", "finish", "unshare"]);
const asks = new Set(["stop", "reboot", "shelve", "revert-resize", "provide", "rotate-key"]);

/** Does an action to an object; what goes wrong is said in full. */
export function useAct(kind: KindInfo, object: KindObject) {
  const { verb } = useWords();
  const cache = useQueryClient();
  const { notification } = App.useApp();
  return useMutation({
    mutationFn: ({ name, input }: { name: string; input?: unknown }) => objects.act(kind.plural, object.id, name, input),
    onSuccess: async (applied) => {
      keep(cache, kind.plural, applied.object);
      await cache.invalidateQueries({ queryKey: keys.operations });
    },
    onError: (error, { name }) =>
      notification.error({ title: `${verb(name)} ${object.name}`, description: error instanceof ProblemError ? <ProblemBody problem={error.problem} /> : error.message, duration: 12 }),
  });
}

type Action = KindInfo["actions"][number];
interface Doing {
  kind: KindInfo;
  object: KindObject;
  action: Action;
}

const isOff = ({ kind, object, action }: Doing) => object.phase === "Deleting" || !!idle[`${kind.name} ${action.name}`]?.(object);

function ActionButton({ kind, object, action }: Doing) {
  const { t, verb } = useWords();
  const help = useHelp();
  const act = useAct(kind, object);
  const [open, setOpen] = useState(false);
  const off = isOff({ kind, object, action });
  const run = () => (action.input ? setOpen(true) : act.mutate({ name: action.name }));
  const button = (
    <Button disabled={off} loading={act.isPending} onClick={asks.has(action.name) ? undefined : run}>
      {verb(action.name)}
    </Button>
  );
  return (
    <>
      {asks.has(action.name) && !off ? (
        <Popconfirm title={t("detail.actTitle", { action: verb(action.name), name: object.name })} description={help(action.doc)} onConfirm={run}>
          {button}
        </Popconfirm>
      ) : (
        <Tooltip title={help(action.doc)}>{button}</Tooltip>
      )}
      {open && action.input && <ActionDialog kind={kind} object={object} action={action.name} schema={action.input} onClose={() => setOpen(false)} />}
    </>
  );
}

/** What is done less often, behind one button. */
function MoreActions({ kind, object, actions }: { kind: KindInfo; object: KindObject; actions: Action[] }) {
  const { t, verb } = useWords();
  const help = useHelp();
  const { modal } = App.useApp();
  const act = useAct(kind, object);
  const [asked, ask] = useState<Action>();
  const run = (action: Action) => {
    const title = t("detail.actTitle", { action: verb(action.name), name: object.name });
    if (action.input) ask(action);
    else if (asks.has(action.name)) modal.confirm({ title, content: help(action.doc), okText: verb(action.name), cancelText: t("detail.cancel"), onOk: () => act.mutate({ name: action.name }) });
    else act.mutate({ name: action.name });
  };
  const items = actions.map((action) => ({ key: action.name, label: verb(action.name), title: help(action.doc), disabled: isOff({ kind, object, action }), onClick: () => run(action) }));
  return (
    <>
      <Dropdown trigger={["click"]} menu={{ items }}>
        <Button icon={<EllipsisOutlined />} loading={act.isPending}>
          {t("detail.more")}
        </Button>
      </Dropdown>
      {asked?.input && <ActionDialog kind={kind} object={object} action={asked.name} schema={asked.input} onClose={() => ask(undefined)} />}
    </>
  );
}

/** More than these would be a row in which nothing is found. */
const enough = 5;
/** What stands in view where a kind has more than enough actions. */
const often = new Set(["start", "stop", "reboot", "approve", "refuse", "repair", "provide", "manage", "maintain", "release"]);

/** The buttons that the user's role allows on an object. */
export function ObjectActions({ kind, object }: { kind: KindInfo; object: KindObject }) {
  const { t } = useWords();
  const can = useCan();
  const [deleting, setDeleting] = useState(false);
  const may = (verb: string) => can(verb, kind.name, object.project);
  const handled = kind.name === "bundle";
  const actions = kind.actions.filter((a) => may(a.name) && !(back.has(a.name) && isOff({ kind, object, action: a })));
  const inView = (a: Action) => actions.length <= enough || often.has(a.name) || back.has(a.name);
  const rest = actions.filter((a) => !inView(a));
  return (
    <span className="row">
      {actions.filter(inView).map((a) => <ActionButton key={a.name} kind={kind} object={object} action={a} />)}
      {rest.length > 0 && <MoreActions kind={kind} object={object} actions={rest} />}
      {may("update") && !handled && !object.owner && (
        <ButtonLink icon={<EditOutlined />} to="/$plural/$id/edit" params={{ plural: kind.plural, id: object.id }}>
          {t("detail.edit")}
        </ButtonLink>
      )}
      {may("delete") && (
        <Button danger icon={<DeleteOutlined />} disabled={object.phase === "Deleting"} onClick={() => setDeleting(true)}>
          {handled ? t("bundles.destroy") : t("detail.delete")}
        </Button>
      )}
      {deleting && <DeleteDialog kind={kind} object={object} onClose={() => setDeleting(false)} />}
    </span>
  );
}
