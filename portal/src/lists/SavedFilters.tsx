import { DeleteOutlined, StarOutlined } from "@ant-design/icons";
import { Button, Form, Input, Popover } from "antd";
import { useState } from "react";
import { useWords } from "../i18n/words";
import { useSavedFilters } from "./kept";
import type { ListState } from "./state";

interface Props {
  plural: string;
  state: ListState;
  set: (state: ListState) => void;
}

/** Filters, search and order that the user keeps by name. */
export function SavedFilters({ plural, state, set }: Props) {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  const saved = useSavedFilters(plural);
  const anything = !!state.q || state.filter.length > 0 || !!state.sort;
  const take = (s: ListState) => (setOpen(false), set({ q: undefined, sort: undefined, ...s }));
  const content = (
    <div className="stack" style={{ width: 280, gap: 10 }}>
      {saved.list.length === 0 && <span>{t("lists.noneSaved")}</span>}
      {saved.list.length > 0 && (
        <ul style={{ listStyle: "none", margin: 0, padding: 0 }}>
          {saved.list.map((f) => (
            <li key={f.name} className="row" style={{ flexWrap: "nowrap" }}>
              <Button type="link" style={{ flex: 1, minWidth: 0, justifyContent: "flex-start", paddingInline: 4 }} onClick={() => take(f.state)}>
                {f.name}
              </Button>
              <Button type="text" size="small" icon={<DeleteOutlined />} aria-label={t("lists.removeSaved", { name: f.name })} onClick={() => saved.remove(f.name)} />
            </li>
          ))}
        </ul>
      )}
      {anything && (
        <Form layout="inline" onFinish={({ name }: { name: string }) => (saved.save(name.trim(), state), setOpen(false))}>
          <Form.Item name="name" style={{ flex: 1, marginInlineEnd: 8 }} rules={[{ required: true, whitespace: true, message: t("form.required", { field: t("list.name") }) }]}>
            <Input maxLength={60} autoComplete="off" aria-label={t("lists.saveAs")} placeholder={t("lists.saveAs")} />
          </Form.Item>
          <Button htmlType="submit">{t("detail.save")}</Button>
        </Form>
      )}
    </div>
  );
  return (
    <Popover trigger="click" placement="bottomLeft" open={open} onOpenChange={setOpen} destroyOnHidden title={t("lists.saved")} content={content}>
      <Button icon={<StarOutlined />} aria-expanded={open}>
        {t("lists.saved")}
      </Button>
    </Popover>
  );
}
