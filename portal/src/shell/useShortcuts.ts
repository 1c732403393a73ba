import { useNavigate } from "@tanstack/react-router";
import { useEffect, useEffectEvent, useRef } from "react";
import { type Command, lettersOn, type Pending, read } from "./shortcuts";

const fields = "input, textarea, select, [contenteditable=true], [role=combobox], .xterm, canvas";

/** Presses what a page marks as its own: its button to create, its field to find. */
function press(mark: string) {
  const target = document.querySelector<HTMLElement>(`[data-shortcut=${mark}]`);
  const field = target?.matches("input") ? target : target?.querySelector<HTMLElement>("input");
  if (mark === "create") target?.click();
  else field?.focus();
}

/** Listens for shortcuts as long as the frame is there. */
export function useShortcuts(open: (what: "search" | "help" | "operations") => void) {
  const navigate = useNavigate();
  const pending = useRef<Pending>(undefined);
  const run = useEffectEvent((command: Command) => {
    if ("go" in command) void navigate({ to: command.go });
    else if (command.act === "create" || command.act === "find") press(command.act);
    else open(command.act);
  });
  useEffect(() => {
    const listen = (e: KeyboardEvent) => {
      if (e.defaultPrevented || e.altKey || e.isComposing) return;
      const target = e.target instanceof Element ? e.target : null;
      // A dialog has keys of its own, and what lies behind it is not reached from there.
      const typing = !!target?.closest(fields) || !!document.querySelector(".ant-modal-wrap:not([style*='display: none']), .ant-drawer-open");
      const { command, pending: next } = read(pending.current, { key: e.key, ctrl: e.ctrlKey || e.metaKey, typing, at: e.timeStamp }, lettersOn());
      pending.current = next;
      if (!command) return;
      e.preventDefault();
      run(command);
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);
}
