// A desk on which every text that comes from people, files or clouds wants to be something else: markup, a formula, an order of writing.
import { FakeDesk } from "./desk";

/** Elements and attributes that only this text would bring. */
export const foreign = "x-foreign, b, script, iframe, object, [onerror], [onclick], [href^='javascript' i]";

export const hostile = [
  "=HYPERLINK(\"http://x.example\",\"y\")",
  '"><x-foreign onclick="gone()"><b>bold</b><img src="x" onerror="gone()"><script>gone()</script>',
  "javascript:gone() {name} {count, plural, other {#}} ''",
  "\u202eturned\u2066 \u200b\u200d\ufeff \u0646\u0648\u0631",
  "long".repeat(2560),
].join(" "); // prettier-ignore

/** Ours by type: numbers of records, moments, amounts, symbols of a closed list, pictures that Rust drew. */
const ours =
  /^(id|op|.*_id|ids|next|number|code|alias|elsewhere|spelling|at|.*_at|since|.*_since|added|date|expires|expiry|starts|call_back|tried|state|marked|kind|how|match|duration|who|reason|language|look|currency|currencies|timezone|timezones|country|template|sheets?|show|channel|source|destination|status|security|accent|svg|card_svg|logo|mapping|stripe_key_page|version|account|value|of|url)$/;

/** What is named like a person's text in one place and one of ours in another. */
function exempt(key: string, of: Record<string, unknown>): boolean {
  if (key === "name") return "sends_codes" in of;
  if (key === "what") return !("ok" in of);
  return key === "path" && "size" in of;
}

/** Different texts stay different, and equal ones equal. */
const seen: string[] = [];
function twisted(text: string): string {
  if (!seen.includes(text)) seen.push(text);
  return `${hostile} ${seen.indexOf(text)}`;
}

export function spoil(answer: unknown): unknown {
  if (typeof answer === "string") return twisted(answer);
  if (Array.isArray(answer)) return answer.map(spoil);
  if (answer === null || typeof answer !== "object") return answer;
  const of = answer as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(of).map(([key, value]) => [
      key,
      ours.test(key) && (typeof value !== "object" || Array.isArray(value))
        ? value
        : exempt(key, of)
          ? value
          : spoil(value),
    ]),
  );
}

export class HostileDesk extends FakeDesk {
  override async handle(command: string, args: Record<string, unknown> = {}): Promise<unknown> {
    try {
      return spoil(await super.handle(command, args));
    } catch (cause) {
      throw spoil(cause);
    }
  }
}
