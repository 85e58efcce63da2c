// Asks and replies of the Sync screen, written by hand until bindings.ts has them.
import { invoke } from "@tauri-apps/api/core";
import type { Fault } from "./bindings";

export type DestinationName = "stripe" | "referral_factory";
export type EntryStateName = "waiting" | "sending" | "uploaded" | "parked" | "conflict" | "needs_a_person";
export type HandoverKind = "leads" | "referrers" | "qualify";

export type DestinationView = {
  name: DestinationName;
  title: string;
  connected_at: string | null;
  account: string | null;
  account_name: string | null;
  refused: string | null;
  waiting: number;
  uploaded: number;
  parked: number;
  conflict: number;
  needs_a_person: number;
  waiting_since: string | null;
  pulled_at: string | null;
  trouble: string | null;
  sends_codes: boolean;
};
export type SyncView = { destinations: DestinationView[]; conflicts: number };
export type SyncScreen = {
  view: SyncView;
  running: boolean;
  done: number;
  total: number | null;
  keyring: boolean;
  stripe_key_page: string;
};

export type EntryView = {
  id: string;
  destination: DestinationName;
  what: string;
  name: string;
  state: EntryStateName;
  why: string | null;
  at: string;
  next_try_at: string | null;
  set_aside: boolean;
};
export type AttemptView = {
  at: string;
  call: string;
  status: number | null;
  request_id: string | null;
  said: string | null;
};
export type EntryStory = { attempts: AttemptView[] } & EntryView;
export type EntriesAsk = {
  destination: DestinationName | null;
  state: EntryStateName | null;
  after: string | null;
  rows_max: number;
};
export type EntriesPage = { rows: EntryView[]; next: string | null };

export type DecisionView = { id: string; label: string; effect: string };
export type ConflictView = {
  id: string;
  kind: string;
  sentence: string;
  at: string;
  decisions: DecisionView[];
};
export type CampaignChoice = { id: string; name: string; status: string };
export type CheckLine = { ok: boolean; what: string; sentence: string };

type Outcome<T> = { status: "ok"; data: T } | { status: "error"; error: Fault };

async function asked<T>(command: string, args?: Record<string, unknown>): Promise<Outcome<T>> {
  try {
    return { status: "ok", data: await invoke<T>(command, args) };
  } catch (cause) {
    if (cause instanceof Error) throw cause;
    return { status: "error", error: cause as Fault };
  }
}

export const syncCommands = {
  syncView: () => asked<SyncScreen>("sync_view"),
  uploadNow: () => asked<null>("upload_now"),
  cancelSync: () => asked<null>("cancel_sync"),
  entries: (ask: EntriesAsk) => asked<EntriesPage>("entries", { ask }),
  entry: (id: string) => asked<EntryStory>("entry", { id }),
  retryEntry: (id: string) => asked<EntryView>("retry_entry", { id }),
  setEntryAside: (id: string) => asked<EntryView>("set_entry_aside", { id }),
  conflicts: () => asked<ConflictView[]>("conflicts"),
  resolveConflict: (id: string, decision: string) => asked<null>("resolve_conflict", { id, decision }),
  connectStripe: (key: string) => asked<SyncScreen>("connect_stripe", { key }),
  referralFactoryCampaigns: (token: string) =>
    asked<CampaignChoice[]>("referral_factory_campaigns", { token }),
  connectReferralFactory: (token: string, campaign: string) =>
    asked<SyncScreen>("connect_referral_factory", { token, campaign }),
  checkConnection: (destination: DestinationName) => asked<CheckLine[]>("check_connection", { destination }),
  disconnect: (destination: DestinationName, forget: boolean) =>
    asked<SyncScreen>("disconnect", { destination, forget }),
  sendCodes: (eachNew: boolean) => asked<number>("send_codes", { eachNew }),
  sendReferrers: () => asked<number>("send_referrers"),
  whyNotQualified: (leadId: string) => asked<CheckLine[]>("why_not_qualified", { leadId }),
  writeReferralFactoryFile: (kind: HandoverKind, path: string) =>
    asked<number>("write_referral_factory_file", { kind, path }),
  handedOver: (kind: HandoverKind) => asked<number>("handed_over", { kind }),
};
