// What is to be printed: choices that this till remembers, the brand that the shop keeps, and the preview that follows both.
import {
  desk,
  faultOf,
  type BrandView,
  type CardsAsk,
  type Fault,
  type PreviewView,
  type PrinterView,
  type PrintTo,
  type TemplateView,
} from "../api/call";

export type Whom = CardsAsk["people"]["kind"];
export type Person = { id: string; name: string };
type Kept = Pick<CardsAsk, "template" | "sheet" | "show"> & {
  place: string;
  printedBy: string;
  printer: string;
};

const kept = "cards";
/** The name under which no printer stands: the system's own viewer with its print dialog. */
export const viewer = "";

function remembered(): Partial<Kept> {
  try {
    return JSON.parse(localStorage.getItem(kept) ?? "{}") as Partial<Kept>;
  } catch {
    return {};
  }
}

export class Order {
  templates = $state.raw<TemplateView[]>([]);
  printers = $state.raw<PrinterView[]>([]);
  template = $state<CardsAsk["template"]>("business_card");
  sheet = $state<CardsAsk["sheet"]>("a4");
  show = $state<CardsAsk["show"]>("both");
  whom = $state<Whom>("no_card_yet");
  people = $state<Person[]>([]);
  brand = $state<BrandView | null>(null);
  skip = $state(0);
  place = $state("");
  printedBy = $state("");
  printer = $state(viewer);
  /** There is nobody at all, so that nobody could have a card. */
  nobody = $state(false);
  preview = $state.raw<PreviewView | null>(null);
  /** What can't be on these cards as it should be; found a moment after they are drawn. */
  troubles = $state.raw<string[]>([]);
  loaded = $state(false);
  fault = $state<Fault | null>(null);
  brandFault = $state<Fault | null>(null);
  #changed = false;
  #drawing = false;
  #checked = Promise.resolve();

  constructor(people: Person[] = []) {
    const { template, sheet, show, place, printedBy, printer } = remembered();
    Object.assign(this, {
      template: template ?? this.template,
      sheet: sheet ?? this.sheet,
      show: show ?? this.show,
      place: place ?? "",
      printedBy: printedBy ?? "",
      printer: printer ?? viewer,
    });
    if (people.length) Object.assign(this, { whom: "these", people });
  }

  get chosen(): TemplateView | undefined {
    return this.templates.find((one) => one.template === this.template);
  }
  get cards(): number {
    return this.preview?.cards ?? 0;
  }
  /** Somebody to print for is chosen, and drawn. */
  get ready(): boolean {
    return this.cards > 0 && this.fault === null;
  }

  get ask(): CardsAsk {
    const { template, sheet, show, brand, skip } = this;
    return {
      template,
      sheet,
      show,
      people:
        this.whom === "these"
          ? { kind: "these", ids: this.people.map((one) => one.id) }
          : { kind: this.whom },
      with_name: brand?.show_name ?? true,
      headline: brand?.headline.trim() || null,
      small_print: brand?.small_print.trim() || null,
      place: this.place.trim() || null,
      printed_by: this.printedBy.trim() || null,
      skip,
    };
  }

  get #asked(): CardsAsk {
    return $state.snapshot(this.ask) as CardsAsk;
  }

  get to(): PrintTo {
    return this.printer === viewer ? { kind: "viewer" } : { kind: "spool", printer: this.printer };
  }

  async open(): Promise<void> {
    try {
      const [templates, brand, printers] = await Promise.all([
        desk.cardTemplates(),
        desk.brand(),
        desk.printers(),
        this.count(),
      ]);
      Object.assign(this, { templates, brand, printers, loaded: true });
      if (!this.chosen) this.template = templates[0]?.template ?? this.template;
      this.choose(this.template);
      if (!printers.some((one) => one.name === this.printer)) this.printer = viewer;
    } catch (cause) {
      this.fault = faultOf(cause);
    }
  }

  async count(): Promise<void> {
    const page = await desk.referrers({ search: "", without_code: false, after: null, rows_max: 1 });
    this.nobody = page.total === 0;
  }

  /** A template brings its own sheets; positions on a started one belong to the template before. */
  choose(template: CardsAsk["template"]): void {
    this.template = template;
    const sheets = this.chosen?.sheets ?? [];
    if (!sheets.includes(this.sheet)) this.sheet = sheets[0] ?? this.sheet;
    this.skip = Math.min(this.skip, Math.max(0, (this.chosen?.cards_per_sheet ?? 1) - 1));
  }

  keep(): void {
    const { template, sheet, show, place, printedBy, printer } = this;
    localStorage.setItem(
      kept,
      JSON.stringify({ template, sheet, show, place, printedBy, printer } satisfies Kept),
    );
  }

  /** Draws anew: a change at once, and of what changes while one is drawn only the last. */
  draw(): void {
    this.#changed = true;
    if (this.loaded && !this.#drawing) this.#checked = this.#follow().then(() => this.#check());
  }
  async #follow(): Promise<void> {
    this.#drawing = true;
    while (this.#changed) {
      this.#changed = false;
      const drawn = await this.#drawn();
      if (!this.#changed) Object.assign(this, drawn);
    }
    this.#drawing = false;
  }
  /** A check of thousands takes longer than a drawing; one that a newer drawing overtook has nothing to say. */
  async #check(): Promise<void> {
    const { preview } = this;
    if (!preview) {
      this.troubles = [];
      return;
    }
    try {
      const troubles = await desk.cardTroubles(this.#asked);
      if (preview === this.preview) this.troubles = troubles;
    } catch (cause) {
      if (preview === this.preview) this.fault = faultOf(cause);
    }
  }
  /** What can't be on the cards that are chosen now. */
  async troublesNow(): Promise<string[]> {
    for (let checked; checked !== this.#checked;) await (checked = this.#checked);
    return this.troubles;
  }
  async #drawn(): Promise<Pick<Order, "preview" | "fault">> {
    if (this.whom === "these" && !this.people.length) return { preview: null, fault: null };
    try {
      return { preview: await desk.previewCards(this.#asked), fault: null };
    } catch (cause) {
      return { preview: null, fault: faultOf(cause) };
    }
  }

  /** The brand is the shop's, not this till's: it is kept with the shop as soon as it is set. */
  async setBrand(): Promise<void> {
    if (!this.brand) return;
    const { accent, headline, small_print, show_name } = this.brand;
    await this.#branding(() => desk.setBrand({ accent, headline, small_print, show_name }));
  }
  async setLogo(path: string | null): Promise<void> {
    await this.#branding(() => desk.setLogo(path));
  }
  async #branding(work: () => Promise<BrandView>): Promise<void> {
    try {
      this.brand = await work();
      this.brandFault = null;
    } catch (cause) {
      this.brandFault = faultOf(cause);
    }
  }
}

/** A drawing as the address of a picture: as a picture it runs nothing and fetches nothing. */
export const pictureOf = (svg: string): string =>
  `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
