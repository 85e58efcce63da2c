// How a code looks while it is typed. What a code *is* gets decided in Rust; this only groups and recognises.

/** Generated codes: digits 2-9 and letters without I, L, O; people also type the look-alikes 0, 1, I, L, O. */
const symbols = /^[0-9A-Z]+$/;
const generatedLength = 8;
const groupLength = 4;

export function bareCode(text: string): string {
  return text
    .normalize("NFKC")
    .replace(/[\s\-–—_]/g, "")
    .toUpperCase();
}

/** Letters and digits mixed, eight of them: nobody's name, so it can be looked up without Enter. */
export function looksComplete(text: string): boolean {
  const bare = bareCode(text);
  return bare.length === generatedLength && symbols.test(bare) && /\d/.test(bare) && /[A-Z]/.test(bare);
}

/** Whether what was typed is this very code, at least as long as one that we generate. */
export function isWholeCode(text: string, code: string): boolean {
  const bare = bareCode(text);
  return bare.length >= generatedLength && bare === bareCode(code);
}

/** The whole code at the beginning of what was typed, where an amount alone follows it. */
export function codeBeforeTotal(text: string): string | null {
  const bare = bareCode(text);
  const code = bare.slice(0, generatedLength);
  return looksComplete(code) && /^\d+([.,]\d*)?$/.test(bare.slice(generatedLength)) ? code : null;
}

function looksLikeCode(bare: string): boolean {
  return bare.length <= generatedLength && symbols.test(bare) && /\d/.test(bare) && !/^\d{5,}$/.test(bare);
}

/** `k7mq4rtx` → `K7MQ-4RTX`; a name, a phone number or somebody's own code stays as it was typed. */
export function groupedWhileTyping(text: string): string {
  const bare = bareCode(text);
  if (!looksLikeCode(bare) || /[^\w\s\-–—]/.test(text)) return text;
  return bare.replace(new RegExp(`(.{${groupLength}})(?=.)`, "g"), "$1-");
}

/** Where the caret belongs after grouping: behind as many symbols as before. */
export function caretAfter(before: string, caret: number, after: string): number {
  const kept = before.slice(0, caret).replace(/[\s\-–—_]/g, "").length;
  if (after === before) return caret;
  let seen = 0;
  for (let place = 0; place < after.length; place++) {
    if (seen === kept) return place;
    if (after[place] !== "-") seen++;
  }
  return after.length;
}
