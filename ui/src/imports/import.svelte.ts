// One import, from the choice of a file to the report. It survives a look at another screen while it runs.
import {
  desk,
  faultOf,
  type Fault,
  type Column,
  type ImportKind,
  type ImportLook,
  type ImportReport,
} from "../api/call";
import { t } from "../i18n/index.svelte";
import { jobs } from "../shared/jobs.svelte";

export class Import {
  kind = $state<ImportKind>("referrers");
  look = $state<ImportLook | null>(null);
  mapping = $state<(Column | null)[]>([]);
  report = $state<ImportReport | null>(null);
  running = $state(false);
  stopped = $state(false);
  fault = $state<Fault | null>(null);

  /** Reads the head of the file: what it is, and what its columns mean. */
  async open(path: string): Promise<void> {
    if (this.running || !path.trim()) return;
    this.fault = null;
    this.report = null;
    this.stopped = false;
    try {
      this.look = await desk.importLook(path.trim());
      this.mapping = [...this.look.mapping];
    } catch (cause) {
      this.look = null;
      this.fault = faultOf(cause);
    }
  }

  async setKind(kind: ImportKind): Promise<void> {
    if (this.running) return;
    this.kind = kind;
    if (this.look) await this.open(this.look.path);
  }

  /** One column for one meaning: choosing it elsewhere takes it from where it was. */
  assign(column: number, field: Column | null): void {
    this.mapping = this.mapping.map((now, place) =>
      place === column ? field : field !== null && now === field ? null : now,
    );
  }

  /** Without an e-mail or a phone nobody can be matched again. */
  get usable(): boolean {
    return this.mapping.includes("email") || this.mapping.includes("phone");
  }

  async run(): Promise<void> {
    const look = this.look;
    if (!look || this.running || !this.usable) return;
    const ask = { path: look.path, kind: this.kind, mapping: [...this.mapping], dry_run: false };
    this.running = true;
    this.stopped = false;
    this.fault = null;
    const outcome = await jobs.run(
      t("import.job", { file: look.file }),
      (progress) => desk.importRun(ask, progress),
      { holds: true },
    );
    this.running = false;
    if (!outcome) this.fault = { code: "busy", sentence: t("job.busy"), who: "staff" };
    else if ("data" in outcome) this.report = outcome.data;
    else if ("cancelled" in outcome) this.stopped = true;
    else this.fault = outcome.fault;
  }

  again(): void {
    this.look = this.report = this.fault = null;
    this.stopped = false;
  }
}

export const work = new Import();
