import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Input, Modal } from "antd";
import { useState } from "react";
import { objects } from "../api/client";
import { keys } from "../api/queries";
import type { KindObject } from "../api/types";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useWords } from "../i18n/words";
import type { KindInfo } from "./catalogue";

/** Deletes an object once its name was typed. */
export function DeleteDialog({ kind, object, onClose }: { kind: KindInfo; object: KindObject; onClose: () => void }) {
  const { t, inline } = useWords();
  const cache = useQueryClient();
  const navigate = useNavigate();
  const [typed, type] = useState("");
  const remove = useMutation({
    mutationFn: () => objects.remove(kind.plural, object.id),
    onSuccess: async (applied) => {
      onClose();
      await Promise.all([cache.invalidateQueries({ queryKey: keys.lists(kind.plural) }), cache.invalidateQueries({ queryKey: keys.operations })]);
      if (!applied.operation) await navigate({ to: "/$plural", params: { plural: kind.plural } });
    },
  });
  const title = kind.name === "bundle" ? t("bundles.destroyTitle", { name: object.name }) : t("detail.deleteTitle", { kind: inline(kind.name), name: object.name });
  const confirmed = typed.trim() === object.name;
  return (
    <Modal
      open
      title={title}
      onCancel={onClose}
      onOk={() => remove.mutate()}
      okText={kind.name === "bundle" ? t("bundles.destroy") : t("detail.delete")}
      cancelText={t("detail.cancel")}
      okButtonProps={{ danger: true, disabled: !confirmed, loading: remove.isPending }}
    >
      <div className="stack">
        <label htmlFor="delete-name">{t("detail.deleteText")}</label>
        <Input id="delete-name" autoFocus aria-label={t("detail.deleteLabel")} placeholder={object.name} value={typed} onChange={(e) => type(e.target.value)} onPressEnter={() => confirmed && remove.mutate()} />
        <ProblemAlert error={remove.error} />
      </div>
    </Modal>
  );
}
