// This file stands in for the one that Rust generates from src-tauri/src/wire.rs; don't add to it by hand.
import { invoke as __TAURI_INVOKE, Channel } from "@tauri-apps/api/core";

/** Commands */
export const commands = {
	opening: () => typedError<Opening, Fault>(__TAURI_INVOKE("opening")),
	openShop: (ask: NewShop) => typedError<Opening, Fault>(__TAURI_INVOKE("open_shop", { ask })),
	practice: (on: boolean) => typedError<Opening, Fault>(__TAURI_INVOKE("practice", { on })),
	restore: (file: string) => typedError<Opening, Fault>(__TAURI_INVOKE("restore", { file })),
	check: (ask: CheckAsk) => typedError<Ticket, Fault>(__TAURI_INVOKE("check", { ask })),
	redeem: (ask: RedeemAsk) => typedError<Redeemed, Fault>(__TAURI_INVOKE("redeem", { ask })),
	voidRedemption: (ask: VoidAsk) => typedError<Counterfoil, Fault>(__TAURI_INVOKE("void_redemption", { ask })),
	refund: (ask: RefundAsk) => typedError<Counterfoil, Fault>(__TAURI_INVOKE("refund", { ask })),
	today: () => typedError<Today, Fault>(__TAURI_INVOKE("today")),
	find: (text: string) => typedError<Hit[], Fault>(__TAURI_INVOKE("find", { text })),
	referrers: (ask: ReferrersAsk) => typedError<ReferrersPage, Fault>(__TAURI_INVOKE("referrers", { ask })),
	person: (id: string) => typedError<Person, Fault>(__TAURI_INVOKE("person", { id })),
	addReferrer: (ask: NewReferrer) => typedError<Person, Fault>(__TAURI_INVOKE("add_referrer", { ask })),
	editReferrer: (ask: EditReferrer) => typedError<Person, Fault>(__TAURI_INVOKE("edit_referrer", { ask })),
	generateCode: (referrerId: string) => typedError<Person, Fault>(__TAURI_INVOKE("generate_code", { referrerId })),
	generateAll: (progress: Channel<Progress>) => typedError<number, Fault>(__TAURI_INVOKE("generate_all", { progress })),
	revokeCode: (referrerId: string, reason: string) => typedError<Person, Fault>(__TAURI_INVOKE("revoke_code", { referrerId, reason })),
	recordLead: (ask: NewLead) => typedError<LeadRecorded, Fault>(__TAURI_INVOKE("record_lead", { ask })),
	leads: (ask: LeadsAsk) => typedError<LeadsPage, Fault>(__TAURI_INVOKE("leads", { ask })),
	importLook: (path: string, kind: ImportKind) => typedError<ImportLook, Fault>(__TAURI_INVOKE("import_look", { path, kind })),
	importRun: (ask: ImportAsk, progress: Channel<Progress>) => typedError<ImportReport, Fault>(__TAURI_INVOKE("import_run", { ask, progress })),
	cancel: () => typedError<null, Fault>(__TAURI_INVOKE("cancel")),
	saveLook: (ask: Look) => typedError<Shop, Fault>(__TAURI_INVOKE("save_look", { ask })),
	verify: () => typedError<Verified, Fault>(__TAURI_INVOKE("verify")),
	backup: () => typedError<string, Fault>(__TAURI_INVOKE("backup")),
	exportList: (kind: "referrers" | "leads" | "redemptions", path: string) => typedError<number, Fault>(__TAURI_INVOKE("export_list", { kind, path })),
};

/* Types */
export type Fault = { code: string; sentence: string; who: "staff" | "manager" | "support" };

// opening -----------------------------------------------------------------------------------------------
export type Shop = { name: string; currency: string; exponent: number; timezone: string; country: string | null; till: string; campaign: CampaignView; practice: boolean; language: string; look: "system" | "light" | "dark"; data_dir: string; version: string };
export type CampaignView = { id: string; name: string; coupon: CouponView | null; rules: RulesView; qualify_on_use: boolean };
export type CouponView = { percent: number | null /* hundredths of a percent: 1000 = 10 % */; amount: number | null; duration: "once" | "forever" | "repeating"; months: number | null };
export type RulesView = { first_time_only: boolean; redemptions_max: number | null; expires: string | null /* last day it counts */; starts: string | null; order_min: number | null };
export type Opening = { state: "ready"; shop: Shop } | { state: "first_run"; guess: { currency: string; timezone: string; country: string | null; language: string; currencies: string[]; timezones: string[] } } | { state: "trouble"; fault: Fault; backups: BackupView[] };
export type BackupView = { file: string; at: string; bytes: number };
export type NewShop = { name: string; currency: string; timezone: string; country: string | null; language: string; campaign: string; coupon: CouponView | null; rules: RulesView };

// counter -----------------------------------------------------------------------------------------------
export type Customer = { name: string | null; email: string | null; phone: string | null };
export type CheckAsk = { code: string; order: number | null; customer: Customer };
export type Reason = { reason: "unknown" | "revoked" | "expired" | "not_started" | "used_up" | "below_minimum_order" | "not_first_time" | "own_code" | "wrong_currency"; sentence: string };
export type Near = { code: string; grouped: string; referrer: string; differs: string /* sentence: "8 instead of B in place 3" */ };
export type Ticket = {
  allowed: boolean; discount: number; paid: number; order: number | null; currency: string;
  reasons: Reason[]; nearest: Near[];
  code: string | null; grouped: string | null; spelling: string[] /* "Kilo","7","Mike",… one per symbol, group breaks as "·" */;
  referrer: { id: string; name: string; first_name: string } | null;
  offer: string | null /* "15 % off this order" */;
  rules: RulesView | null; uses: number; redemptions_left: number | null; people_so_far: number;
  asks_contact: boolean /* the rules need an e-mail or phone to be decided */;
  conflict: string | null /* "Leo was first recommended by Omar K. …" sentence, sale may go on */;
};
export type RedeemAsk = { op: string /* UUID made before the first try */; code: string; order: number; customer: Customer; reference: string | null; override_by: { manager: string; note: string } | null };
export type Counterfoil = {
  id: string; op: string; at: string; code: string; grouped: string; order: number; discount: number; paid: number; currency: string; refunded: number;
  state: "recorded" | "voided" | "refunded" | "partly_refunded"; voided_at: string | null; void_reason: string | null;
  can_void: boolean; customer: string | null; lead_id: string | null; referrer_id: string; referrer: string; reference: string | null;
  override_by: string | null; override_note: string | null; upload: "not_connected" | "waiting" | "uploaded" | "needs_a_person";
};
// a refusal of `redeem` is not a fault: recorded is null and ticket says why
export type Redeemed = { ticket: Ticket; redemption: Counterfoil | null; replayed: boolean };
export type Today = { date: string; counterfoils: Counterfoil[]; recorded: number; given: number; currency: string; waiting: Waiting };
export type Waiting = { waiting: number; since: string | null; needs_a_person: number; connected: boolean };
export type VoidAsk = { op: string; redemption_id: string; reason: string };
export type RefundAsk = { op: string; redemption_id: string; amount: number | null /* null: the whole rest */; reason: string };

// people ------------------------------------------------------------------------------------------------
export type Hit = { referrer: ReferrerView; code: string | null; grouped: string | null; match: "code" | "code_part" | "name" | "email" | "phone" | "sounds_like" };
export type ReferrerView = { id: string; name: string; email: string | null; phone: string | null };
export type ReferrerRow = { referrer: ReferrerView; code: string | null; grouped: string | null; leads: number; added: string };
export type ReferrersAsk = { search: string; without_code: boolean; after: string | null; rows_max: number };
export type ReferrersPage = { rows: ReferrerRow[]; total: number; without_code: number; next: string | null };
export type Person = { referrer: ReferrerView; link: string | null; added: string; code: PersonCode | null; leads: LeadRow[]; leads_total: number; history: HistoryLine[]; uses: number; given: number };
export type PersonCode = { code: string; grouped: string; spelling: string[]; qr: { size: number; path: string /* svg path in module units incl. quiet zone, viewBox 0 0 size size */ }; rules: RulesView; state: "active" | "revoked"; uses: number; generated: boolean };
export type HistoryLine = { at: string; what: "added" | "imported" | "edited" | "code_generated" | "code_kept" | "code_revoked" | "redeemed" | "voided" | "refunded" | "lead_recorded"; text: string | null };
export type NewReferrer = { op: string; name: string; email: string | null; phone: string | null; code: { kind: "none" } | { kind: "generate" } | { kind: "own"; text: string } };
export type EditReferrer = { op: string; id: string; name: string; email: string | null; phone: string | null };
export type Progress = { done: number; total: number | null };

// leads -------------------------------------------------------------------------------------------------
export type NewLead = { op: string; referrer_id: string; name: string; email: string | null; phone: string | null; note: string | null; call_back: string | null };
export type LeadRow = { id: string; name: string; email: string | null; phone: string | null; state: "pending" | "qualified" | "disqualified"; referrer_id: string; referrer: string; at: string; note: string | null; call_back: string | null; missing_contact: boolean; conflict: boolean; spent: number; source: "code" | "phone" };
export type LeadRecorded = { lead: LeadRow; replayed: boolean; conflict: string | null };
export type LeadsAsk = { search: string; show: "all" | "pending" | "qualified" | "disqualified" | "missing_contact" | "conflict" | "call_back"; after: string | null; rows_max: number };
export type LeadsPage = { rows: LeadRow[]; total: number; next: string | null };

// import ------------------------------------------------------------------------------------------------
export type Field = "name" | "first_name" | "last_name" | "email" | "phone" | "code" | "link";
export type ImportKind = "referrers" | "customers";
export type ImportLook = { path: string; file: string; vendor: string | null; headers: string[]; mapping: (Field | null)[]; preview: string[][]; bytes: number };
export type ImportAsk = { path: string; kind: ImportKind; mapping: (Field | null)[]; dry_run: boolean };
export type ImportReport = { rows: number; added: number; updated: number; unchanged: number; rejected: { row: number; reason: string; sentence: string }[] /* first 100 */; rejected_total: number; rejected_file: string | null };

// housekeeping ------------------------------------------------------------------------------------------
export type Verified = { ok: boolean; problems: string[] };
export type Look = { language: string; look: "system" | "light" | "dark"; till: string };


/* Tauri Specta runtime */
async function typedError<T, E>(result: Promise<T>): Promise<{ status: "ok"; data: T } | { status: "error"; error: E }> {
    try {
        return { status: "ok", data: await result };
    } catch (e) {
        if (e instanceof Error) throw e;
        return { status: "error", error: e as any };
    }
}
