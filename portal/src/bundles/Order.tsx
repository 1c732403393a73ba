import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Steps } from "antd";
import { useState } from "react";
import { client } from "../api/client";
import { ProblemError, unwrap } from "../api/problem";
import { keys, queries } from "../api/queries";
import type { Bundle, Plan } from "../api/types";
import { EmptyState } from "../feedback/EmptyState";
import { Loading } from "../feedback/Loading";
import { PageHead } from "../feedback/PageHead";
import { ProblemAlert } from "../feedback/ProblemAlert";
import { useHelp } from "../i18n/help";
import { useWords } from "../i18n/words";
import { OrderForm } from "./OrderForm";
import { type Order as OrderType } from "./order";
import { PlanView } from "./PlanView";

const planned = (order: OrderType) => unwrap(client.POST("/v1/bundles/plan", { body: order }));

function useApply(replan: (plan: Plan) => void) {
  const cache = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (plan: Plan) => unwrap(client.POST("/v1/bundles/apply", { body: { ...plan.order, planId: plan.id } })),
    onSuccess: async (applied) => {
      await Promise.all([cache.invalidateQueries({ queryKey: keys.lists("bundles") }), cache.invalidateQueries({ queryKey: keys.operations })]);
      await navigate({ to: "/bundles/$id", params: { id: applied.object.id } });
    },
    // What was planned is not what would happen now: the user sees the new plan before anything is done.
    onError: async (error, old) => {
      if (error instanceof ProblemError && error.problem.reason === "Stale") replan(await planned(old.order));
    },
  });
}

/** From a blueprint to a deployment: size and parameters, then the plan, then go. */
export function Order() {
  const { t } = useWords();
  const help = useHelp();
  const { blueprint: name } = useParams({ from: "/frame/pages/bundles/order/$blueprint" });
  const { bundle: id } = useSearch({ strict: false }) as { bundle?: string };
  const { data, error, isPending } = useQuery(queries.blueprints);
  const existing = useQuery({ ...queries.object("bundles", id ?? ""), enabled: !!id }).data as unknown as Bundle | undefined;
  const [plan, setPlan] = useState<Plan>();
  const make = useMutation({ mutationFn: planned, onSuccess: setPlan });
  const apply = useApply(setPlan);
  const stale = apply.error instanceof ProblemError && apply.error.problem.reason === "Stale";
  const blueprint = data?.items.find((b) => b.name === name);
  return (
    <div className="page" style={{ maxWidth: plan ? 1280 : 860 }}>
      <PageHead title={help(blueprint?.title) ?? name} />
      <Steps size="small" current={plan ? 1 : 0} style={{ marginBottom: 20 }} items={[{ title: t("bundles.step1") }, { title: t("bundles.step2") }, { title: t("bundles.step3") }]} />
      <ProblemAlert error={error} />
      {(isPending || (id && !existing)) && <Loading what={t("bundles.catalogue")} />}
      {data && !blueprint && <EmptyState title={t("app.notFound")} />}
      {blueprint && (!id || existing) && (
        <div style={{ display: plan ? "none" : undefined }}>
          <OrderForm blueprint={blueprint} existing={existing} busy={make.isPending} error={make.error} onOrder={(order) => (apply.reset(), make.mutate(order))} />
        </div>
      )}
      {plan && <PlanView plan={plan} stale={stale} busy={apply.isPending} error={stale ? null : apply.error} onBack={() => (apply.reset(), setPlan(undefined))} onApply={() => apply.mutate(plan)} />}
    </div>
  );
}
