// A small stand-in for the desk, in memory, for looking at states and for component tests. Its rules are a sketch of the real ones.
import german from "../../../assets/sentences/de.json";
import english from "../../../assets/sentences/en.json";
import type * as W from "../api/bindings";
import { FakeCards, type CardsScene } from "./cards_desk";
import { leadRows, madeCode, people, plainRules, pretendQr, spelling, type Known } from "./people";
import { FakeSend, type SendScene } from "./send_desk";
import { FakeSlips, type SlipScene } from "./slips_desk";
import { FakeSync, type SyncScene } from "./sync_desk";

export type Scene = SyncScene &
  CardsScene &
  SendScene &
  SlipScene & {
    opening?: "ready" | "first_run" | "trouble";
    /** What is wrong with the shop's file, and how many copies there are. */
    wrong?: "damaged" | "read_only" | "newer" | "disk_full";
    copies?: number;
    empty?: boolean;
    practice?: boolean;
    look?: W.LookAsk["look"];
    connected?: boolean;
    waiting?: number;
    person?: number;
    slowMs?: number;
    /** Of the forty steps of a long job. */
    stepMs?: number;
    extra?: number;
  };

type Args = Record<string, unknown>;
const bare = (text: string) => text.toUpperCase().replace(/[\s-]/g, "");
const fold = (text: string) => text.normalize("NFKD").toLowerCase();
const short = (name: string) => name.replace(/^(\S+)\s+(\S).*$/, "$1 $2.");

export class FakeDesk {
  calls: { command: string; args: Args }[] = [];
  /** A command named here answers with this fault once. */
  failNext: Record<string, W.Fault> = {};
  known: Known[];
  foils: W.Counterfoil[] = [];
  copies: W.BackupView[] = [{ file: "/backups/daily.db", at: new Date().toISOString(), bytes: 4096 }];
  leads: W.LeadRow[];
  shop: W.OpenShop;
  cancelled = false;
  bell: () => void = () => undefined;
  clouds: FakeSync;
  cards: FakeCards;
  send: FakeSend;
  handouts: Record<string, W.HandoutView[]> = {};
  printer: FakeSlips;

  constructor(readonly scene: Scene = {}) {
    this.clouds = new FakeSync(scene);
    this.clouds.bell = () => this.bell();
    this.printer = new FakeSlips(scene);
    this.printer.bell = () => this.bell();
    this.known = scene.empty ? [] : people(scene.extra ?? 400);
    this.leads = scene.empty ? [] : leadRows();
    this.cards = new FakeCards(scene, () => this.known);
    this.cards.bell = () => this.bell();
    this.cards.long = (progress, total) => this.#long(progress, total);
    this.shop = {
      name: "Harbour Street Salon",
      currency: "EUR",
      exponent: 2,
      timezone: "Europe/Berlin",
      country: scene.language === "de" ? "DE" : null,
      till: "Till 2",
      campaign: {
        id: "c1",
        name: "Spring friends",
        coupon: { percent: 1500, amount: null, duration: "once", months: null },
        rules: plainRules,
        qualify_on_use: true,
      },
      practice: scene.practice ?? false,
      language: scene.language ?? "en",
      look: scene.look ?? "system",
      data_dir: "/home/till/.local/share/counterfoil",
      version: "0.1.0",
    };
    this.send = new FakeSend(scene, this);
    if (!scene.empty) this.#sold();
  }

  #sold(): void {
    const lines: [string | null, number, number, Partial<W.Counterfoil>][] = [
      ["Leo Brandt", 0, 10000, {}],
      ["Sofia Reyes", 1, 4847, {}],
      ["Tim Wood", 0, 3176, { override_by: "Mina", override_note: "Regular customer" }],
      ["Ida Holm", 2, 7500, { state: "voided", voided_at: new Date().toISOString(), can_void: false }],
      ["Noa Levi", 3, 13235, { state: "partly_refunded", refunded: 2000 }],
      [null, 4, 5000, {}],
    ];
    lines.forEach(([customer, who, order, more], index) => {
      const foil = this.#foil(this.known[who]!, order, customer, `f${index}`);
      this.foils.push({
        ...foil,
        ...more,
        at: new Date(Date.now() - index * 1_700_000).toISOString(),
      });
    });
  }

  #foil(known: Known, order: number, customer: string | null, op: string): W.Counterfoil {
    const discount = Math.floor((order * 1500 + 5000) / 10000);
    return {
      id: `id-${op}`, op, at: new Date().toISOString(), code: known.code!, order,
      discount, paid: order - discount, currency: "EUR", refunded: 0, state: "recorded", voided_at: null,
      void_reason: null, can_void: true, disputed: false, uploaded: null, customer, lead_id: "l1", referrer_id: known.view.id,
      referrer: short(known.view.name), reference: null, override_by: null, override_note: null,
    }; // prettier-ignore
  }

  async handle(command: string, args: Args = {}): Promise<unknown> {
    this.calls.push({ command, args });
    if (this.scene.slowMs) await new Promise((done) => setTimeout(done, this.scene.slowMs));
    const fault = this.failNext[command];
    if (fault) {
      delete this.failNext[command];
      throw fault;
    }
    for (const one of [this, this.clouds, this.cards, this.send, this.printer]) {
      const answer = (one as unknown as Record<string, (args: Args) => unknown>)[command];
      if (typeof answer === "function") return structuredClone(await answer.call(one, args));
    }
    throw new Error(`the stand-in has no ${command}`);
  }

  opening(): W.Opening {
    if (this.scene.opening === "first_run") {
      return {
        state: "first_run",
        guess: {
          currency: "EUR", timezone: "Europe/Berlin", country: "DE", language: this.scene.language ?? "en",
          currencies: ["EUR", "GBP", "USD", "CHF", "JPY", "KWD", "PLN", "SEK"],
          timezones: Intl.supportedValuesOf("timeZone"),
        },
      }; // prettier-ignore
    }
    if (this.scene.opening === "trouble") {
      const code = this.scene.wrong ?? "damaged";
      const sentences = this.scene.language === "de" ? german : english;
      return {
        state: "trouble",
        fault: { code, sentence: sentences[`fault.${code}`], who: "support" },
        backups: [0, 1, 2].slice(0, this.scene.copies).map((days) => ({
          file: `/backups/counterfoil-${days}.db`,
          at: new Date(Date.now() - days * 86_400_000 - 20_000_000).toISOString(),
          bytes: 8_400_000 - days * 120_000,
        })),
      };
    }
    return { state: "ready", shop: this.shop };
  }
  open_shop({ ask }: Args): W.Opening {
    const { name, currency, timezone, country, language, campaign, coupon, rules } = ask as W.NewShop;
    Object.assign(this.shop, {
      name,
      currency,
      timezone,
      country,
      language,
      campaign: { ...this.shop.campaign, name: campaign, coupon, rules },
    });
    this.known = [];
    this.leads = [];
    this.foils = [];
    return { state: "ready", shop: this.shop };
  }
  practice({ on }: Args): W.Opening {
    this.shop.practice = on as boolean;
    return { state: "ready", shop: this.shop };
  }
  restore(): W.Opening {
    return { state: "ready", shop: this.shop };
  }

  check({ ask }: Args): W.Ticket {
    const { code: read, order, customer } = ask as W.CheckAsk;
    const [, code = read, batch] = /^counterfoil:([^?]+)(?:\?batch=(\d+))?$/i.exec(read) ?? [];
    const known = this.known.find((one) => one.code && bare(one.code) === bare(code));
    if (!known?.code) {
      const nearest = this.known
        .filter((one) => one.code && [...bare(code)].filter((c, i) => bare(one.code!)[i] === c).length >= 6)
        .map((one) => {
          const place = [...bare(one.code!)].findIndex((c, i) => bare(code)[i] !== c);
          return {
            code: one.code!,
            referrer: short(one.view.name),
            differs: `${bare(one.code!)[place]} instead of ${bare(code)[place] ?? "nothing"} in place ${place + 1}`,
          };
        });
      return {
        allowed: false, discount: 0, paid: order ?? 0, order, currency: "EUR",
        reasons: [{ reason: "unknown", sentence: "There is no such code here." }], nearest, code: null,
        alias: null, spelling: [], referrer: null, offer: null, rules: null, uses: 0, redemptions_left: null,
        people_so_far: 0, asks_contact: false, conflict: null, customer: null,
      }; // prettier-ignore
    }
    const { rules, view } = known;
    const reasons: W.ReasonView[] = [];
    if (this.cards.lost(known.code, batch ? Number(batch) : null)) {
      reasons.push({
        reason: "lost_card",
        sentence: "The card with this code was reported lost. It counts only with a manager's yes.",
      });
    }
    if (rules.order_min && order !== null && order < rules.order_min) {
      reasons.push({
        reason: "below_minimum_order",
        sentence: `The minimum order is ${rules.order_min / 100}.00. This order is ${(order / 100).toFixed(2)}: ${((rules.order_min - order) / 100).toFixed(2)} more and it counts.`,
      });
    }
    const contact = customer.email ?? customer.phone;
    const remembered = [...this.leads, ...this.known.map((one) => one.view)].find(
      (one) => contact && (one.email === contact || one.phone === contact),
    );
    if (rules.first_time_only && contact?.startsWith("old@")) {
      reasons.push({
        reason: "not_first_time",
        sentence: "Leo bought here before, on 3 May. This code is for a first order.",
      });
    }
    if (contact && (contact === view.email || contact === view.phone)) {
      reasons.push({
        reason: "own_code",
        sentence: `This is ${view.name.split(" ")[0]}’s own code. It is for the people they recommend.`,
      });
    }
    const allowed = reasons.length === 0;
    const discount = allowed && order ? Math.floor((order * 1500 + 5000) / 10000) : 0;
    return {
      allowed, discount, paid: (order ?? 0) - discount, order, currency: "EUR", reasons, nearest: [],
      code: known.code, alias: null, spelling: spelling(known.code),
      referrer: { id: view.id, name: view.name, first_name: view.name.split(" ")[0]! },
      offer: "15 % off this order", rules, uses: known.uses,
      redemptions_left: rules.redemptions_max === null ? null : Math.max(0, rules.redemptions_max - known.uses),
      people_so_far: known.uses + 6, asks_contact: rules.first_time_only && !contact,
      conflict: contact === "noa@levi.example" ? "Noa was first recommended by Omar K. The sale may go on; Omar keeps the recommendation." : null,
      customer: customer.name ? null : (remembered?.name ?? null),
    }; // prettier-ignore
  }
  redeem({ ask }: Args): W.Redeemed {
    const { op, code, order, customer, override_by, no_contact } = ask as W.RedeemAsk;
    const ticket = this.check({ ask: { code, order, currency: null, customer } });
    const before = this.foils.find((foil) => foil.op === op);
    if (before) return { ...ticket, redemption: before, replayed: true };
    if (!ticket.allowed && !override_by) return { ...ticket, redemption: null, replayed: false };
    if (ticket.asks_contact && !no_contact && !override_by) {
      throw { code: "contact_needed", sentence: "This code is for first orders.", who: "staff" };
    }
    const known = this.known.find((one) => one.code === ticket.code)!;
    const foil = this.#foil(known, order, customer.name ?? ticket.customer, op);
    foil.override_by = override_by?.manager ?? null;
    foil.override_note = override_by?.note ?? null;
    this.foils.unshift(foil);
    known.uses++;
    this.bell();
    return { ...ticket, redemption: foil, replayed: false };
  }
  void_redemption({ ask }: Args): W.Counterfoil {
    const { redemption_id, reason } = ask as W.VoidAsk;
    const foil = this.foils.find((one) => one.id === redemption_id)!;
    Object.assign(foil, {
      state: "voided",
      voided_at: new Date().toISOString(),
      void_reason: reason,
      can_void: false,
    });
    this.bell();
    return foil;
  }
  refund({ ask }: Args): W.Counterfoil {
    const { redemption_id, amount } = ask as W.RefundAsk;
    const foil = this.foils.find((one) => one.id === redemption_id)!;
    foil.refunded += amount ?? foil.paid - foil.refunded;
    foil.state = foil.refunded === foil.paid ? "refunded" : "partly_refunded";
    foil.can_void = false;
    this.bell();
    return foil;
  }
  today({ day }: Args): W.Today {
    const asked = day as string | null;
    const date = asked ?? new Date().toISOString().slice(0, 10);
    const foils = asked ? this.foils.filter((foil) => foil.at.startsWith(asked)) : this.foils;
    const live = foils.filter((foil) => foil.state !== "voided");
    return {
      date,
      counterfoils: foils,
      recorded: live.length,
      given: live.reduce((sum, foil) => sum + foil.discount, 0),
      currency: "EUR",
      waiting: {
        waiting: this.scene.waiting ?? 0,
        since: this.scene.connected ? new Date(Date.now() - 900_000).toISOString() : null,
        needs_a_person: this.scene.person ?? 0,
        by_file: this.scene.sync === "file",
        connected: this.scene.connected ?? false,
      },
    };
  }

  #matching(text: string): Known[] {
    const wanted = fold(text.trim());
    const code = bare(text);
    return this.known.filter(
      ({ view, code: own }) =>
        fold(view.name).includes(wanted) ||
        (view.email ?? "").includes(wanted) ||
        (/\d{3}/.test(text) && (view.phone ?? "").replace(/\D/g, "").includes(text.replace(/\D/g, ""))) ||
        (code.length >= 2 && own !== null && bare(own).includes(code)),
    );
  }
  find({ text }: Args): W.Hit[] {
    return this.#matching(text as string)
      .slice(0, 20)
      .map(({ view, code }) => ({ referrer: view, code, match: "name" }));
  }
  referrers({ ask }: Args): W.ReferrersPage {
    const { search, without_code, after, rows_max } = ask as W.ReferrersAsk;
    const all = (search.trim() ? this.#matching(search) : this.known).filter(
      (one) => !without_code || !one.code,
    );
    const from = after ? Number(after) : 0;
    const rows = all.slice(from, from + rows_max).map(({ view, code, added, uses }) => ({
      referrer: view, code, leads: uses, added,
    })); // prettier-ignore
    return {
      rows,
      total: all.length,
      without_code: this.known.filter((one) => !one.code).length,
      next: from + rows_max < all.length ? String(from + rows_max) : null,
    };
  }
  person({ id }: Args): W.Person {
    const known = this.known.find((one) => one.view.id === id)!;
    return {
      referrer: known.view, link: known.link, unsubscribed: false, added: known.added,
      code: known.code
        ? {
            code: known.code, alias: null, elsewhere: null, spelling: spelling(known.code), qr: pretendQr(),
            rules: known.rules, revoked: known.revoked ?? false, uses: known.uses, generated: known.generated,
          }
        : null,
      leads: known.view.id === "r0" ? this.leads.filter((lead) => lead.referrer_id === "r0") : [],
      leads_total: known.view.id === "r0" ? this.leads.length : 0,
      history: [
        { at: "2026-05-03T12:20:00Z", what: "redeemed", text: "Leo Brandt", amount: 8500 },
        { at: "2026-03-02T10:01:00Z", what: "code_generated", text: known.code, amount: null },
        { at: known.added, what: "added", text: null, amount: null },
      ],
      uses: known.uses, given: known.uses * 1240, handouts: this.handouts[known.view.id] ?? [],
    }; // prettier-ignore
  }
  add_referrer({ ask }: Args): W.Person {
    const { name, email, phone, code, op } = ask as W.NewReferrer;
    const own =
      code.kind === "own"
        ? code.text.toUpperCase()
        : code.kind === "generate"
          ? madeCode(this.known.length * 7 + 3)
          : null;
    this.known.unshift({
      view: { id: op, name, email, phone }, code: own, generated: code.kind === "generate", revoked: false,
      added: new Date().toISOString(), uses: 0, rules: plainRules, link: null,
    }); // prettier-ignore
    this.bell();
    return this.person({ id: op });
  }
  edit_referrer({ ask }: Args): W.Person {
    const { id, name, email, phone } = ask as W.EditReferrer;
    Object.assign(this.known.find((one) => one.view.id === id)!.view, { name, email, phone });
    this.bell();
    return this.person({ id });
  }
  generate_code({ referrerId }: Args): W.Person {
    const known = this.known.find((one) => one.view.id === referrerId)!;
    known.code ??= madeCode(this.known.indexOf(known) + 99);
    this.bell();
    return this.person({ id: referrerId });
  }
  revoke_code({ ask }: Args): W.Person {
    const { referrer_id } = ask as W.RevokeAsk;
    this.known.find((one) => one.view.id === referrer_id)!.revoked = true;
    this.bell();
    return this.person({ id: referrer_id });
  }
  hand_out({ ask }: Args): W.Person {
    const { op, referrer_id, how, place, by } = ask as W.HandOutAsk;
    const known = this.known.find((one) => one.view.id === referrer_id)!;
    known.code ??= madeCode(this.known.indexOf(known) + 99);
    const handout = { id: op, code: known.code, how, place, by, at: new Date().toISOString(), batch: null };
    (this.handouts[referrer_id] ??= []).unshift(handout);
    this.bell();
    return this.person({ id: referrer_id });
  }
  async #long(progress: unknown, total: number): Promise<void> {
    const tell = progress as { onmessage?: (progress: W.Progress) => void };
    this.cancelled = false;
    for (let step = 1; step <= 40; step++) {
      await new Promise((done) => setTimeout(done, this.scene.stepMs ?? 150));
      if (this.cancelled) throw { code: "cancelled", sentence: "Stopped.", who: "staff" } satisfies W.Fault;
      tell.onmessage?.({ done: Math.round((total * step) / 40), total });
    }
  }
  async generate_all({ progress }: Args): Promise<number> {
    const without = this.known.filter((one) => !one.code);
    await this.#long(progress, without.length);
    without.forEach((one, index) => (one.code = madeCode(index + 5000)));
    this.bell();
    return without.length;
  }
  cancel(): null {
    this.cancelled = true;
    return null;
  }

  record_lead({ ask }: Args): W.LeadRecorded {
    const { op, referrer_id, name, email, phone, note, call_back } = ask as W.NewLead;
    const known = this.known.find((one) => one.view.id === referrer_id)!;
    const lead: W.LeadRow = {
      id: op, name, email, phone, state: "pending", referrer_id, referrer: short(known.view.name),
      at: new Date().toISOString(), note, call_back, missing_contact: !email && !phone,
      conflict: email === "noa@levi.example", disputed: false, spent: 0, source: "phone",
    }; // prettier-ignore
    this.leads.unshift(lead);
    this.bell();
    return {
      lead,
      replayed: false,
      conflict: lead.conflict
        ? "Noa was first recommended by Omar K., who keeps the recommendation. This one is noted beside it."
        : null,
    };
  }
  call_back({ ask }: Args): W.LeadRow {
    const { lead_id, day } = ask as W.CallBackAsk;
    const lead = this.leads.find((one) => one.id === lead_id)!;
    lead.call_back = day;
    this.bell();
    return lead;
  }
  leads_list({ ask }: Args): W.LeadsPage {
    const { search, show } = ask as W.LeadsAsk;
    const rows = this.leads.filter(
      (lead) =>
        fold(`${lead.name} ${lead.email ?? ""} ${lead.referrer}`).includes(fold(search.trim())) &&
        (show === "all" ||
          lead.state === show ||
          (show === "missing_contact" && lead.missing_contact) ||
          (show === "conflict" && lead.conflict) ||
          (show === "call_back" && lead.call_back !== null)),
    );
    return { rows, total: rows.length, next: null };
  }

  import_look({ path }: Args): W.ImportLook {
    return {
      path: path as string,
      file: (path as string).split(/[\\/]/).at(-1)!,
      vendor: "Square",
      headers: ["First Name", "Last Name", "Email Address", "Phone Number", "Memo", "Reference ID"],
      mapping: ["first_name", "last_name", "email", "phone", null, null],
      preview: [
        ["Jane", "Doyle", "jane@salon.example", "'+442079460101", "likes tea", "A-1"],
        ["Omar", "Khalil", "omar@example.org", "", "", "A-2"],
        ["Łukasz", "Żak", "lukasz@zak.example", "'+48225550102", "", "A-3"],
      ],
      bytes: 48_211,
    };
  }
  async import_run({ ask, progress }: Args): Promise<W.ImportReport> {
    const { path } = ask as W.ImportAsk;
    await this.#long(progress, 1204);
    this.bell();
    return {
      rows: 1204, added: 1170, updated: 12, unchanged: 20, rejected_total: 2,
      rejected: [
        { row: 88, reason: "no_contact", sentence: "Neither an e-mail nor a phone number, so this person can’t be matched again." },
        { row: 431, reason: "email", sentence: "“jo(at)mail” is not an e-mail address." },
      ],
      noted_total: 1,
      noted: [{ row: 512, reason: "other_code", sentence: "This person already has another code, which stays. The rest of the row was taken." }],
      rejected_file: `${path}.rejected.csv`, rejected_unsaved: null,
    }; // prettier-ignore
  }
  save_look({ ask }: Args): W.OpenShop {
    Object.assign(this.shop, ask as W.LookAsk);
    return this.shop;
  }
  verify(): W.Verified {
    return { ok: true, problems: [] };
  }
  backups(): W.BackupView[] {
    return this.copies;
  }
  backup(): string {
    this.copies.unshift({ file: "/backups/asked.db", at: new Date().toISOString(), bytes: 4096 });
    return "/home/till/.local/share/counterfoil/backups/2026-11-22.db";
  }
  async export_list({ progress }: Args): Promise<number> {
    await this.#long(progress, this.known.length);
    return this.known.length;
  }
}
