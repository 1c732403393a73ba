import { useQuery } from "@tanstack/react-query";
import { Form, type FormInstance } from "antd";
import { useEffect, useState } from "react";

const settle = 500;

/**
 * Asks for a dry run whenever what stands in a form has settled and lacks nothing. What is not complete is not asked
 * about, and marks no field: people are still typing.
 */
export function usePlan<V, A>(form: FormInstance<V>, key: string, dryRun: (values: V) => Promise<A>) {
  const values: unknown = Form.useWatch([], form);
  const written = JSON.stringify(values ?? null);
  const [settled, set] = useState<{ written: string; values?: V }>({ written: "" });
  useEffect(() => {
    const timer = setTimeout(() => {
      form.validateFields({ validateOnly: true }).then((v) => set({ written, values: v }), () => set({ written }));
    }, settle);
    return () => clearTimeout(timer);
  }, [written, form]);
  const asked = settled.values;
  const plan = useQuery({ queryKey: ["plan", key, settled.written], queryFn: () => dryRun(asked as V), enabled: asked !== undefined, retry: false, gcTime: 0, staleTime: 10_000 });
  const busy = plan.isFetching || settled.written !== written;
  return { planned: asked ? plan.data : undefined, error: asked ? plan.error : null, busy };
}
