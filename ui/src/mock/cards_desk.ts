// The stand-in's cards: pictures that look like the desk's own, and batches that can be marked.
import type * as W from "../api/bindings";
import { pretendQr, type Known } from "./people";

export type CardsScene = { troubles?: number; batches?: "none" | "some"; printers?: number };
type Args = Record<string, unknown>;

const templates: W.TemplateView[] = [
  { template: "business_card", sheets: ["a4", "letter"], cards_per_sheet: 10, width_mm: 85, height_mm: 55 },
  { template: "perforated_c32011", sheets: ["a4"], cards_per_sheet: 10, width_mm: 85, height_mm: 54 },
  { template: "perforated_5371", sheets: ["letter"], cards_per_sheet: 10, width_mm: 88.9, height_mm: 50.8 },
  { template: "flyer_a6", sheets: ["own"], cards_per_sheet: 1, width_mm: 105, height_mm: 148 },
  { template: "table_tent", sheets: ["a4", "letter"], cards_per_sheet: 1, width_mm: 148, height_mm: 105 },
  { template: "label_62", sheets: ["own"], cards_per_sheet: 1, width_mm: 62, height_mm: 40 },
  { template: "label_l7160", sheets: ["a4"], cards_per_sheet: 21, width_mm: 63.5, height_mm: 38.1 },
  { template: "poster_a4", sheets: ["a4"], cards_per_sheet: 1, width_mm: 210, height_mm: 297 },
];
const escaped = (text: string) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

type Run = { view: W.BatchView; cards: W.CardRow[]; before: Map<string, W.CardState> };

export class FakeCards {
  runs: Run[] = [];
  look: W.BrandView = {
    accent: "#0e5a4b",
    logo: null,
    headline: "A gift from a friend",
    small_print: "",
    show_name: true,
  };
  bell: () => void = () => undefined;
  long: (progress: unknown, total: number) => Promise<void> = async () => undefined;

  constructor(
    readonly scene: CardsScene & { empty?: boolean },
    readonly known: () => Known[],
  ) {
    if (scene.batches === "none" || scene.empty) return;
    const coded = known().filter((one) => one.code);
    this.#run(coded.slice(0, 200), "business_card", "Front desk", "Mina");
    this.#run(coded.slice(0, 30), "label_l7160", "Spring fair, hall 3", null);
    this.#run(coded.slice(0, 1), "poster_a4", null, "Ann");
    this.#mark(this.runs[1]!, "handed_out", "Mina");
    this.#change(this.runs[1]!, this.runs[1]!.cards[2]!, "lost", "Ann");
    this.#change(this.runs[1]!, this.runs[1]!.cards[3]!, "used_up", null);
    this.runs[1]!.view.redemptions = 14;
    this.runs[1]!.cards[0]!.redemptions = 3;
  }

  #run(people: Known[], template: string, place: string | null, printed_by: string | null): Run {
    const number = this.runs.length + 10;
    const run: Run = {
      view: {
        number, template, sheet: "a4", show: "both", cards: people.length, place, printed_by,
        at: new Date(Date.now() - (20 - number) * 86_400_000).toISOString(),
        handed_out: 0, lost: 0, used_up: 0, redemptions: 0, marked: null,
      },
      cards: people.map(({ view, code }, n) => ({
        id: `card-${number}-${n}`, referrer: view.name, referrer_id: view.id, code: code ?? "NEW1-CODE",
        state: "printed", by: null, redemptions: 0,
      })),
      before: new Map(),
    }; // prettier-ignore
    this.runs.push(run);
    return run;
  }
  #change(run: Run, card: W.CardRow, state: W.CardState, by: string | null): void {
    if (card.state !== "printed") run.view[card.state]--;
    if (state !== "printed") run.view[state]++;
    Object.assign(card, { state, by });
  }
  #mark(run: Run, state: W.CardState, by: string | null): void {
    if (state === "printed") {
      for (const [id, before] of run.before)
        this.#change(
          run,
          run.cards.find((one) => one.id === id)!,
          before,
          by,
        );
      run.before.clear();
      run.view.marked = null;
      return;
    }
    const from: W.CardState[] = state === "handed_out" ? ["printed"] : ["printed", "handed_out"];
    const changed = run.cards.filter((card) => from.includes(card.state));
    if (!changed.length) return;
    run.before = new Map(changed.map((card) => [card.id, card.state]));
    changed.forEach((card) => this.#change(run, card, state, by));
    run.view.marked = state;
  }
  #of(number: number): Run {
    const run = this.runs.find((one) => one.view.number === number);
    if (!run) throw { code: "not_found", sentence: "There is no batch like that any more.", who: "staff" };
    return run;
  }

  lost(code: string, number: number | null): boolean {
    const scanned = this.runs.filter((run) => run.view.number === number);
    const cards = (runs: Run[]) => runs.flatMap((run) => run.cards.filter((card) => card.code === code));
    if (cards(scanned).length) return cards(scanned).some((card) => card.state === "lost");
    return cards(this.runs).length > 0 && cards(this.runs).every((card) => card.state === "lost");
  }
  batches(): W.BatchView[] {
    return this.runs.map((run) => run.view).reverse();
  }
  batch({ number, search }: Args): W.BatchPage {
    const run = this.#of(number as number);
    const wanted = (search as string).toLowerCase();
    const cards = run.cards.filter((card) => `${card.referrer} ${card.code}`.toLowerCase().includes(wanted));
    return { batch: run.view, cards, cards_total: cards.length };
  }
  mark_batch({ ask }: Args): W.BatchView {
    const { number, state, by } = ask as W.MarkBatch;
    const run = this.#of(number);
    this.#mark(run, state, by);
    this.bell();
    return run.view;
  }
  mark_card({ ask }: Args): W.CardRow {
    const { id, state, by } = ask as W.MarkCard;
    const run = this.runs.find((one) => one.cards.some((card) => card.id === id))!;
    const card = run.cards.find((one) => one.id === id)!;
    this.#change(run, card, state, by);
    this.bell();
    return card;
  }

  card_templates(): W.TemplateView[] {
    return templates;
  }
  brand(): W.BrandView {
    return this.look;
  }
  set_brand({ ask }: Args): W.BrandView {
    Object.assign(this.look, ask as W.BrandAsk);
    return this.look;
  }
  set_logo({ path }: Args): W.BrandView {
    const drawn = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><path d="M2 18 12 2l8 12 6-8 12 12z" fill="#0e5a4b"/></svg>`;
    this.look.logo = path === null ? null : `data:image/svg+xml,${encodeURIComponent(drawn)}`;
    return this.look;
  }
  printers(): W.PrinterView[] {
    return ["Office", "Label_62"]
      .slice(0, this.scene.printers ?? 2)
      .map((name, n) => ({ name, default: n === 0 }));
  }

  #people(ask: W.CardsAsk): Known[] {
    const { people } = ask;
    if (people.kind === "these") return this.known().filter((one) => people.ids.includes(one.view.id));
    const printed = new Set(
      this.runs.flatMap((run) =>
        run.cards.filter((card) => card.state !== "lost").map((card) => card.referrer_id),
      ),
    );
    return this.known().filter((one) => people.kind === "all" || !printed.has(one.view.id));
  }
  #one(ask: W.CardsAsk, who: Known, w: number, h: number): string {
    const qr = pretendQr();
    const side = Math.min(w, h) * 0.5;
    const unit = Math.min(w, h * 1.4);
    const line = (x: number, y: number, size: number, text: string, more = "") =>
      `<text x="${x}" y="${y}" font-size="${size}" font-family="sans-serif" ${more}>${escaped(text)}</text>`;
    return [
      `<rect width="${w}" height="${h}" fill="#fff"/><rect width="${w}" height="${h * 0.06}" fill="${this.look.accent}"/>`,
      line(
        w * 0.07,
        h * 0.22,
        unit * 0.07,
        ask.headline ?? this.look.headline,
        `font-weight="700" fill="${this.look.accent}"`,
      ),
      line(w * 0.07, h * 0.34, unit * 0.05, "15% off your first order"),
      ask.with_name ? line(w * 0.07, h * 0.45, unit * 0.042, `From ${who.view.name}`.slice(0, 40)) : "",
      ask.show === "link"
        ? ""
        : line(w * 0.07, h * 0.7, unit * 0.085, who.code ?? "NEW1-CODE", `font-weight="700"`),
      line(w * 0.07, h * 0.9, unit * 0.03, ask.small_print ?? "Valid until 31 December", `fill="#666"`),
      ask.show === "code"
        ? ""
        : `<g transform="translate(${w * 0.95 - side} ${h * 0.93 - side}) scale(${side / qr.size})"><path d="${qr.path}" fill-rule="evenodd"/></g>`,
    ].join("");
  }
  preview_cards({ ask }: Args): W.PreviewView {
    const asked = ask as W.CardsAsk;
    const people = this.#people(asked);
    const {
      width_mm: w,
      height_mm: h,
      cards_per_sheet,
    } = templates.find((one) => one.template === asked.template)!;
    const sheets = Math.ceil((people.length + asked.skip) / cards_per_sheet);
    if (!people.length) return { svg: "", card_svg: "", cards: 0, sheets: 0 };
    const svg = (pw: number, ph: number, body: string) =>
      `<svg xmlns="http://www.w3.org/2000/svg" width="${pw}mm" height="${ph}mm" viewBox="0 0 ${pw} ${ph}"><rect width="${pw}" height="${ph}" fill="#fff"/>${body}</svg>`;
    const across = Math.floor(210 / w) || 1;
    const cards = people.slice(0, cards_per_sheet - asked.skip).map((who, n) => {
      const at = n + asked.skip;
      const x = (210 - across * w) / 2 + (at % across) * w;
      const y = 11 + Math.floor(at / across) * h;
      return `<g transform="translate(${x} ${y})">${this.#one(asked, who, w, h)}<rect width="${w}" height="${h}" fill="none" stroke="#ccc" stroke-width=".2"/></g>`;
    });
    return {
      svg: svg(210, 297, cards.join("")),
      card_svg: svg(w, h, this.#one(asked, people[0]!, w, h)),
      cards: people.length,
      sheets,
    };
  }
  card_troubles(): string[] {
    return Array.from(
      { length: this.scene.troubles ?? 0 },
      (_, n) => `${this.known()[n]!.view.name}: no font on this computer can draw every letter.`,
    );
  }
  async print_cards({ ask, to, progress }: Args): Promise<W.PrintedView> {
    const asked = ask as W.CardsAsk;
    const people = this.#people(asked);
    await this.long(progress, people.length);
    const run = this.#run(people, asked.template, asked.place, asked.printed_by);
    this.bell();
    const where = to as W.PrintTo;
    return {
      batch: run.view.number, cards: people.length, pages: Math.ceil(people.length / 10), troubles: [],
      path: where.kind === "save" ? where.path : null,
    }; // prettier-ignore
  }
  test_sheet({ to }: Args): W.PrintedView {
    const where = to as W.PrintTo;
    return {
      batch: null,
      cards: 10,
      pages: 1,
      path: where.kind === "save" ? where.path : null,
      troubles: [],
    };
  }
}
