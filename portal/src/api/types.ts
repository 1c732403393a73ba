import type { components } from "./schema";

export type Schemas = components["schemas"];
export type Operation = Schemas["Operation"];
export type Audit = Schemas["Audit"];
export type Condition = Schemas["Condition"];
export type Me = Schemas["Me"];
export type Node = Schemas["Node"];
export type Phase = Schemas["ServerObject"]["phase"];
export type Server = Schemas["ServerObject"];
export type Bundle = Schemas["BundleObject"];
export type Host = Schemas["HostObject"];
export type Pool = Schemas["Pool"];
export type Plan = Schemas["Plan"];
export type Blueprint = Schemas["Blueprint"];
export type WatchEvent = Schemas["WatchEvent"];

/** What every kind's objects share; spec and status are read by paths that the kind itself names. */
export type KindObject = Omit<Server, "spec" | "status"> & {
  spec: Record<string, unknown>;
  status: Record<string, unknown>;
};
export interface KindPage {
  items: KindObject[];
  next?: string;
  count?: Schemas["Total"];
}
export interface Applied {
  object: KindObject;
  operation?: Operation;
  created: boolean;
  changed: boolean;
  charges?: Record<string, number>;
}
