// A scanner is a fast keyboard that ends with Enter. It is recognised by its speed, wherever the focus is.

/** People type at 60 ms a key at their very best; the slowest scanners in use send a key every 30 ms. */
export const gapMsMax = 35;
/** Fewer keys could be a hand rolling over the keyboard. */
export const keysMin = 6;

/** `text` is what the layout made of it, `physical` what the same keys print on a US keyboard. */
export type Scan = { text: string; physical: string };

export type Key = { key: string; code: string; at: number; shift: boolean };

const codeLike = /^[0-9A-Za-z-]+$/;
/** What the QR code of a card says: a link, or an address that opens this app. The desk reads both. */
const address = /^(counterfoil:|https?:\/\/)[\x21-\x7e]+$/i;
const readable = (text: string): boolean => codeLike.test(text) || address.test(text);

/** The keys of a US keyboard that make signs: alone, and with Shift. */
const signs: Record<string, string> = {
  Minus: "-_", Equal: "=+", Slash: "/?", Semicolon: ";:", Period: ".>", Comma: ",<", Quote: "'\"", Backquote: "`~",
  BracketLeft: "[{", BracketRight: "]}", Backslash: "\\|", NumpadSubtract: "--", NumpadDecimal: "..", NumpadDivide: "//",
  NumpadAdd: "++",
}; // prettier-ignore
const digitsShifted = ")!@#$%^&*(";

function physicalCharacter({ code, shift, key }: Key): string {
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  if (letter) return shift ? letter : letter.toLowerCase();
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1];
  if (digit) return shift && code.startsWith("Digit") ? digitsShifted.charAt(Number(digit)) : digit;
  const sign = signs[code]?.charAt(shift ? 1 : 0);
  if (sign) return sign;
  return key.length === 1 ? key : "";
}

/** Collects a burst of keys; pure, so that tests can hand it fixed timestamps. */
export class Burst {
  #keys: Key[] = [];

  get length(): number {
    return this.#keys.length;
  }

  /** True when the key begins a new burst: the moment to remember the field as it was. */
  add(key: Key): boolean {
    const last = this.#keys.at(-1);
    const begins = !last || key.at - last.at >= gapMsMax;
    if (begins) this.#keys = [];
    this.#keys.push(key);
    return begins;
  }

  forget(): void {
    this.#keys = [];
  }

  /** Enter came: a scan if the keys were many and quick enough, Enter included. */
  end(at: number): Scan | null {
    const keys = this.#keys;
    this.#keys = [];
    const last = keys.at(-1);
    if (!last || keys.length < keysMin || at - last.at >= gapMsMax) return null;
    const typed = keys.map((key) => key.key).join("");
    const physical = keys.map(physicalCharacter).join("");
    const text = !readable(typed) && readable(physical) ? physical : typed;
    return { text, physical: readable(physical) ? physical : text };
  }
}

type Field = HTMLInputElement | HTMLTextAreaElement;

function isField(element: Element | null): element is Field {
  return element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement;
}

/** Watches the whole window. The scan is taken out of the field it landed in, and its Enter presses nothing. */
export function watchScanner(onScan: (scan: Scan) => void): () => void {
  const burst = new Burst();
  let landed: { field: Field; value: string } | null = null;

  function restore(): void {
    if (!landed || landed.field.value === landed.value) return;
    landed.field.value = landed.value;
    landed.field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function onKeydown(event: KeyboardEvent): void {
    const focused = document.activeElement;
    // A key or password may be typed by a program, as quick as a scanner; it must never leave its field.
    if (focused instanceof HTMLInputElement && focused.type === "password") return burst.forget();
    if (event.key === "Enter") {
      const scan = burst.end(event.timeStamp);
      if (!scan) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      restore();
      landed = null;
      onScan(scan);
      return;
    }
    if (event.key === "Shift" || event.key === "CapsLock") return;
    if (event.repeat || event.ctrlKey || event.metaKey || event.isComposing || event.key.length > 1) {
      if (event.key !== "Dead") return burst.forget();
    }
    const begins = burst.add({
      key: event.key.length === 1 ? event.key : "",
      code: event.code,
      at: event.timeStamp,
      shift: event.shiftKey,
    });
    if (begins) landed = isField(focused) ? { field: focused, value: focused.value } : null;
    // In the middle of a scan a key asks for nothing else: "?" would open the help, and break the scan in two.
    else if (burst.length > keysMin && !isField(focused)) event.preventDefault();
  }

  window.addEventListener("keydown", onKeydown, { capture: true });
  return () => window.removeEventListener("keydown", onKeydown, { capture: true });
}
