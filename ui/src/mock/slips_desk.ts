// The stand-in's printer and slips, in memory. `printer` in the scene says how the printer is: none, good, or in trouble.
import type * as W from "../api/bindings";

export type SlipScene = { printer?: "none" | "good" | "no_paper" };

export class FakeSlips {
  settings: W.PrinterSettings;
  slips: W.SlipView[] = [];
  bell: () => void = () => undefined;

  constructor(readonly scene: SlipScene & { language?: string }) {
    const there = scene.printer !== undefined && scene.printer !== "none";
    this.settings = {
      address: there ? "tcp://192.168.1.50" : null,
      columns: 48,
      columns_known: [32, 42, 48],
      after_sale: false,
      waiting: 0,
    };
    if (scene.printer === "no_paper") {
      this.#try(this.#slip({ kind: "receipt", redemption_id: "" }, "s1", "Leo Brandt"));
      this.#try(this.#slip({ kind: "your_code", referrer_id: "" }, "s2", "Omar Khalil"));
    }
  }

  #slip({ kind }: W.SlipOf, id: string, name: string | null = "Leo Brandt"): W.SlipView {
    const before = this.slips.find((one) => one.id === id);
    if (before) return before;
    const slip: W.SlipView = {
      id, kind, state: "waiting", copies: 0, on_its_way: false, trouble: null,
      at: new Date().toISOString(), name, code: "K7MQ-4RTX",
    }; // prettier-ignore
    this.slips.push(slip);
    return slip;
  }
  #try(slip: W.SlipView): W.SlipView {
    slip.state = "waiting";
    if (this.scene.printer === "no_paper") {
      slip.trouble =
        this.scene.language === "de" ? "Der Drucker hat kein Papier." : "The printer has no paper.";
    } else {
      slip.state = "printed";
      slip.trouble = null;
      slip.copies++;
    }
    this.bell();
    return slip;
  }

  print_slip({ ask }: Record<string, unknown>): W.SlipView {
    const { op, of } = ask as W.SlipAsk;
    return this.#try(this.#slip(of, op));
  }
  print_slip_again({ id }: Record<string, unknown>): W.SlipView {
    return this.#try(this.slips.find((one) => one.id === id)!);
  }
  save_slip({ ask }: Record<string, unknown>): W.SlipView {
    const { op, of } = ask as W.SlipAsk;
    return Object.assign(this.#slip(of, op), { state: "printed", copies: 1 } as const);
  }
  drop_slip({ id }: Record<string, unknown>): W.SlipView {
    this.bell();
    return Object.assign(
      this.slips.find((one) => one.id === id)!,
      { state: "dropped" } as const,
    );
  }
  slips_waiting(): W.SlipView[] {
    return this.slips.filter((slip) => slip.state === "waiting");
  }
  printer_settings(): W.PrinterSettings {
    return { ...this.settings, waiting: this.slips_waiting().length };
  }
  set_printer({ ask }: Record<string, unknown>): W.PrinterSettings {
    const { address, columns, after_sale } = ask as W.PrinterAsk;
    if (address !== "" && !/^(tcp:\/\/|\/dev\/|serial:)/.test(address)) {
      throw { code: "not_a_printer", sentence: `“${address}” is not where a printer can be.`, who: "staff" };
    }
    Object.assign(this.settings, {
      address: address || null,
      columns,
      after_sale: address !== "" && after_sale,
    });
    return this.printer_settings();
  }
  test_print(): null {
    if (this.scene.printer === "no_paper") {
      throw { code: "printer_no_paper", sentence: "The printer has no paper.", who: "staff" };
    }
    return null;
  }
}
