import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { put } from "./put";

/** A file on its way into a bucket. */
export interface Sent {
  key: string;
  size: number;
  sent: number;
  done?: boolean;
  error?: unknown;
}

export interface Wanted {
  key: string;
  file: File;
}

export const contentKey = (bucket: string) => ["content", bucket];

/** Sends files into a bucket one after another; whoever leaves the page ends it. */
export function useSending(bucket: string) {
  const cache = useQueryClient();
  const [files, setFiles] = useState<Sent[]>([]);
  const ends = useRef<AbortController>(undefined);
  const change = (key: string, what: Partial<Sent>) => setFiles((all) => all.map((f) => (f.key === key ? { ...f, ...what } : f)));
  const run = useMutation({
    mutationFn: async (wanted: Wanted[]) => {
      const end = new AbortController();
      ends.current = end;
      setFiles(wanted.map(({ key, file }) => ({ key, size: file.size, sent: 0 })));
      for (const { key, file } of wanted) {
        try {
          await put(bucket, key, file, (sent) => change(key, { sent }), end.signal);
          change(key, { sent: file.size, done: true });
        } catch (error) {
          if (end.signal.aborted) return setFiles((all) => all.filter((f) => f.done || f.error)); // what was not sent is no failure
          change(key, { error });
        }
        await cache.invalidateQueries({ queryKey: contentKey(bucket) });
      }
    },
  });
  useEffect(() => () => ends.current?.abort(), []);
  return { files, busy: run.isPending, send: run.mutate, stop: () => ends.current?.abort(), clear: () => setFiles([]) };
}

export type Sending = ReturnType<typeof useSending>;
