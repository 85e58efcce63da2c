// The stand-in's two clouds: connections, entries and conflicts in named states, in memory.
import type * as W from "../api/bindings";

export type SyncScene = {
  /** Nothing connected · all up · some wait · a person is needed · a key is refused · on its way up. */
  sync?: "none" | "done" | "waiting" | "file" | "person" | "refused" | "running";
  keyring?: boolean;
  language?: string;
};

type Args = Record<string, unknown>;
const before = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

const destination = (name: W.Destination, title: string): W.DestinationView => ({
  name, title, connected_at: null, by_file: false, account: null, account_name: null, refused: null, waiting: 0, uploaded: 0,
  parked: 0, set_aside: 0, conflict: 0, needs_a_person: 0, waiting_since: null, pulled_at: null, trouble: null, sends_codes: false,
}); // prettier-ignore

const stripeConnected: Partial<W.DestinationView> = {
  connected_at: "2026-11-03T09:12:00Z", account: "test", uploaded: 1204, pulled_at: before(6), sends_codes: true,
}; // prettier-ignore
const factoryConnected: Partial<W.DestinationView> = {
  connected_at: "2026-11-03T09:40:00Z", account: "4711", account_name: "Spring friends", uploaded: 311, pulled_at: before(6),
}; // prettier-ignore

const parked = "Waits for an e-mail address, without which Referral Factory takes nobody.";
const entry = (n: number, more: Partial<W.EntryView>): W.EntryView => ({
  id: String(n), destination: "stripe", what: "redemption", name: "Leo Brandt", state: "waiting", why: null,
  at: before(400 - n), next_try_at: null, set_aside: false, ...more,
}); // prettier-ignore

function troubled(): W.EntryView[] {
  return [
    entry(350, { what: "lead", name: "Maximiliane Freifrau von und zu Hohenstein-Oberstaufenberg" }),
    entry(344, { what: "refund", name: "Noa Levi", state: "sending", next_try_at: before(-12) }),
    entry(340, {
      destination: "referral_factory",
      what: "lead",
      name: "Noa Levi",
      state: "conflict",
      why: "Waits for a decision: see the conflicts.",
    }),
    entry(333, {
      destination: "referral_factory",
      what: "lead",
      name: "Sofia Reyes",
      state: "parked",
      why: parked,
    }),
    entry(331, {
      destination: "referral_factory",
      what: "redemption",
      name: "",
      state: "parked",
      why: parked,
    }),
    entry(320, {
      what: "code",
      name: "JANET-SPRING",
      state: "needs_a_person",
      why: "The coupon for this promotion code was deleted at Stripe.",
    }),
    entry(318, {
      destination: "referral_factory",
      what: "referrer",
      name: "Omar Khalil",
      state: "needs_a_person",
      why: "Referral Factory has one person for two of ours. Put their e-mail addresses right, then try again.",
    }),
  ];
}

function openConflicts(): W.ConflictView[] {
  return [
    {
      id: "k1",
      kind: "lead_elsewhere",
      sentence:
        "Noa Levi was recommended by Łukasz Ż. here. At Referral Factory they belong to somebody else.",
      at: before(60),
      decisions: [
        {
          id: "leave",
          label: "Leave as it is there",
          effect:
            "Referral Factory keeps its own referrer for Noa Levi, and is told that they bought. Here Łukasz Ż. stays.",
        },
        {
          id: "keep_out",
          label: "Send nothing",
          effect: "Nothing about Noa Levi is sent to Referral Factory. Here Łukasz Ż. stays.",
        },
      ],
    },
    {
      id: "k2",
      kind: "code_clash",
      sentence: "Stripe has an active code JANET-SPRING already that is not ours.",
      at: before(1500),
      decisions: [
        {
          id: "adopt",
          label: "Use theirs as ours",
          effect: "The code JANET-SPRING at Stripe is taken as ours, with the discount that it has there.",
        },
        {
          id: "keep_off",
          label: "Keep it off Stripe",
          effect: "The code JANET-SPRING counts at tills only.",
        },
        {
          id: "try_again",
          label: "Try again",
          effect: "For when the other code was switched off at Stripe: ours is made now.",
        },
      ],
    },
  ];
}

/** One command is one method, as the desk has them. */
export class FakeSync {
  stripe = destination("stripe", "Stripe");
  factory = destination("referral_factory", "Referral Factory");
  rows: W.EntryView[] = [];
  open: W.ConflictView[] = [];
  running_since: string | null = null;
  done = 0;
  total: number | null = null;
  bell: () => void = () => undefined;

  constructor(readonly scene: SyncScene) {
    const state = scene.sync ?? "none";
    if (state === "none") {
      this.rows = [0, 1, 2, 3].map((n) => entry(300 + n, { name: ["Leo Brandt", "Tim Wood"][n % 2]! }));
    } else {
      Object.assign(this.stripe, stripeConnected);
      Object.assign(this.factory, factoryConnected);
    }
    if (state === "waiting" || state === "running" || state === "refused") {
      this.rows = Array.from({ length: 120 }, (_, n) =>
        entry(n + 200, {
          name: ["Leo Brandt", "Sofia Reyes", "Tim Wood"][n % 3]!,
          what: ["redemption", "lead"][n % 2]!,
        }),
      ).reverse();
    }
    if (state === "file") {
      this.factory = { ...destination("referral_factory", "Referral Factory"), by_file: true, uploaded: 40 };
      this.rows = [0, 1, 2].map((n) => entry(300 + n, { destination: "referral_factory" }));
    }
    if (state === "person") [this.rows, this.open] = [troubled(), openConflicts()];
    if (state === "refused") {
      this.stripe.refused =
        "Stripe does not accept the key any more. Everything waits safely. Connect Stripe with a new key.";
      this.factory.trouble = "Referral Factory: Down for maintenance until the evening.";
    }
    if (state === "running") Object.assign(this, { running_since: before(34 / 60), done: 34, total: 120 });
    this.#count();
  }

  #count(): void {
    for (const one of [this.stripe, this.factory]) {
      const mine = this.rows.filter((row) => row.destination === one.name);
      const of = (...states: W.EntryState[]) => mine.filter((row) => states.includes(row.state)).length;
      one.waiting = of("waiting", "sending");
      one.set_aside = mine.filter((row) => row.set_aside).length;
      one.parked = of("parked") - one.set_aside;
      one.conflict = of("conflict");
      one.needs_a_person = of("needs_a_person");
      one.waiting_since = one.waiting ? before(200) : null;
    }
  }
  #find(id: unknown): W.EntryView {
    return this.rows.find((row) => row.id === id)!;
  }

  sync_view(): W.SyncScreen {
    const { running_since, done, total } = this;
    return {
      view: { destinations: [this.stripe, this.factory], conflicts: this.open.length },
      running_since,
      done,
      total,
      keyring: this.scene.keyring ?? true,
      stripe_key_page:
        "https://dashboard.stripe.com/apikeys/create?name=Counterfoil&permissions[]=rak_coupon_write&permissions[]=rak_customer_write",
    };
  }
  upload_now(): null {
    const waiting = this.stripe.waiting + this.factory.waiting;
    Object.assign(this, { running_since: before(0), done: 0, total: waiting });
    return null;
  }
  cancel_sync(): null {
    this.running_since = null;
    this.bell();
    return null;
  }
  entries({ ask }: Args): W.EntriesPage {
    const { destination, state, after, rows_max } = ask as W.EntriesAsk;
    const all = this.rows.filter(
      (row) =>
        (!destination || row.destination === destination) &&
        (!state || row.state === state) &&
        (!after || Number(row.id) < Number(after)),
    );
    const rows = all.slice(0, rows_max);
    return { rows, next: all.length > rows.length ? rows.at(-1)!.id : null };
  }
  entry({ id }: Args): W.EntryStory {
    const found = this.#find(id);
    if (found.state === "waiting") return { ...found, attempts: [] };
    return {
      ...found,
      attempts: [
        { at: before(90), call: "GET /v1/promotion_codes", status: null, request_id: null, said: "No answer within 30 seconds." },
        { at: before(60), call: "POST /v1/promotion_codes", status: 400, request_id: "req_8fJ2kLmN0pQrSt", said: found.why },
      ],
    }; // prettier-ignore
  }
  retry_entry({ id }: Args): W.EntryView {
    const row = Object.assign(this.#find(id), { state: "waiting", why: null, set_aside: false });
    this.#count();
    this.bell();
    return row;
  }
  retry_all({ destination }: Args): number {
    const held = this.rows.filter(
      (row) => row.state === "needs_a_person" && (!destination || row.destination === destination),
    );
    held.forEach((row) => Object.assign(row, { state: "waiting", why: null }));
    this.#count();
    this.bell();
    return held.length;
  }
  set_entry_aside({ id }: Args): W.EntryView {
    const row = Object.assign(this.#find(id), {
      state: "parked",
      set_aside: true,
      why: "Set aside: somebody decided that it need not be uploaded.",
    });
    this.#count();
    this.bell();
    return row;
  }
  conflicts(): W.ConflictView[] {
    return this.open;
  }
  resolve_conflict({ id }: Args): null {
    this.open = this.open.filter((one) => one.id !== id);
    this.bell();
    return null;
  }
  open_stripe_key_page(): null {
    return null;
  }
  connect_stripe({ key }: Args): W.SyncScreen {
    const account = (key as string).includes("_live_") ? "live" : "test";
    Object.assign(this.stripe, { connected_at: before(0), account, refused: null });
    this.bell();
    return this.sync_view();
  }
  referral_factory_campaigns(): W.CampaignChoice[] {
    return [
      { id: "4711", name: "Spring friends", status: "launched" },
      { id: "4712", name: "Winter regulars", status: "paused" },
      { id: "4713", name: "An idea for summer", status: "draft" },
    ];
  }
  fields: W.CampaignField[] = [
    { of: "lead", label: "Phone", required: false, value: "phone" },
    { of: "lead", label: "Order total", required: true, value: null },
    { of: "referrer", label: "Phone", required: true, value: "phone" },
  ];
  campaign_fields(): W.CampaignField[] {
    return structuredClone(this.fields);
  }
  set_campaign_fields({ fields }: Args): null {
    this.fields = fields as W.CampaignField[];
    return null;
  }
  connect_referral_factory({ campaign }: Args): W.SyncScreen {
    const chosen = this.referral_factory_campaigns().find((one) => one.id === campaign)!;
    Object.assign(this.factory, { connected_at: before(0), account: chosen.id, account_name: chosen.name });
    this.bell();
    return this.sync_view();
  }
  check_connection(): W.CheckLine[] {
    return [
      { ok: true, what: "Reachable", sentence: "Stripe answered in 240 ms." },
      { ok: true, what: "Key", sentence: "The key is known there, for test mode." },
      { ok: true, what: "Coupons", sentence: "The key may write coupons." },
      { ok: false, what: "Events", sentence: "The key lacks rak_event_read. Allow it at Stripe, then check again." },
    ]; // prettier-ignore
  }
  disconnect({ destination: name, forget }: Args): W.SyncScreen {
    const one = name === "stripe" ? this.stripe : this.factory;
    Object.assign(one, {
      connected_at: null,
      by_file: false,
      account: null,
      account_name: null,
      refused: null,
      trouble: null,
    });
    if (forget) one.uploaded = 0;
    this.bell();
    return this.sync_view();
  }
  send_codes({ eachNew }: Args): number {
    this.stripe.sends_codes = eachNew as boolean;
    this.bell();
    return 214;
  }
  send_referrers(): number {
    return 388;
  }
  why_not_qualified(): W.CheckLine[] {
    return [
      { ok: true, what: "Recommended in time", sentence: "The code was used within 30 days of the first visit." },
      { ok: false, what: "Minimum spend", sentence: "Paid 40.00 so far; 60.00 counts. 20.00 more and it does." },
      { ok: true, what: "No refund", sentence: "Nothing was given back." },
    ]; // prettier-ignore
  }
  write_referral_factory_file({ kind }: Args): number {
    return kind === "qualify" ? 0 : 12;
  }
  handed_over(): number {
    return 12;
  }
}
