// The changelog's few marks: `#` headings, `-` items, plain lines. Wrapped items are joined again.
export type Paragraph = { kind: "title" | "item" | "text"; text: string };

export function paragraphs(markdown: string): Paragraph[] {
  const found: Paragraph[] = [];
  let open = false;
  for (const raw of markdown.split(/\r?\n/)) {
    const line = raw.trim().replace(/\*\*|`/g, "");
    const last = found.at(-1);
    if (line === "") {
      open = false;
    } else if (/^#+\s/.test(line)) {
      found.push({ kind: "title", text: line.replace(/^#+\s+/, "") });
      open = false;
    } else if (/^[-*]\s/.test(line)) {
      found.push({ kind: "item", text: line.slice(2).trim() });
      open = true;
    } else if (open && last) {
      last.text += ` ${line}`;
    } else {
      found.push({ kind: "text", text: line });
      open = true;
    }
  }
  return found;
}
