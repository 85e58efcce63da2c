// Made-up people for looking at the screens. Not in the production bundle.
import type { LeadRow, PersonCode, ReferrerView, RulesView } from "../api/bindings";

export type Known = {
  view: ReferrerView;
  code: string | null;
  generated: boolean;
  revoked: boolean;
  added: string;
  uses: number;
  rules: RulesView;
  link: string | null;
};

export const plainRules: RulesView = {
  first_time_only: true,
  redemptions_max: 5,
  expires: `${new Date().getFullYear()}-12-31`,
  starts: null,
  order_min: 3000,
};

const alphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
const words: Record<string, string> = Object.fromEntries(
  "Alfa Bravo Charlie Delta Echo Foxtrot Golf Hotel India Juliett Kilo Lima Mike November Oscar Papa Quebec Romeo Sierra Tango Uniform Victor Whiskey X-ray Yankee Zulu"
    .split(" ")
    .map((word) => [word.charAt(0), word]),
);

/** The desk writes every code in groups. */
export const grouped = (code: string): string =>
  /^[A-Z0-9]{8}$/.test(code) ? `${code.slice(0, 4)}-${code.slice(4)}` : code;

export const spelling = (code: string): string[] =>
  [...code].map((symbol) => (symbol === "-" ? "·" : (words[symbol] ?? symbol)));

export function madeCode(seed: number): string {
  let state = seed * 2654435761;
  const symbols = Array.from({ length: 8 }, () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return alphabet[state % 31];
  });
  return grouped(symbols.join(""));
}

const named: [string, string | null, string | null, string | null][] = [
  ["Jane Doyle", "jane@salon.example", "+44 20 7946 0101", "K7MQ-4RTX"],
  ["Omar Khalil", "omar@example.org", null, "P3WN-8HZD"],
  ["Priya Raman", null, "+44 20 7946 0188", "T9GX-2BVK"],
  ["Łukasz Żak", "lukasz@zak.example", "+48 22 555 01 02", "M4RD-7QSE"],
  ["Janet Moore", "janet@moore.example", null, "JANET-SPRING"],
  ["Aiko Tanaka", "aiko@tanaka.example", null, null],
  ["Βασιλική Παπαδοπούλου", "vasiliki@example.gr", "+30 21 0555 0134", "V8CN-3KWT"],
  ["نور الهدى", "nour@example.org", null, "N5HD-9XRA"],
  ["Maximiliane Freifrau von und zu Hohenstein-Oberstaufenberg", "max@hohenstein.example", null, "H2XY-6FGP"],
  ['=HYPERLINK("x") <b>bold</b>', "hostile@example.org", null, "Q8TZ-5WEM"],
];
const firsts =
  "Ava Ben Chloe Dan Ella Finn Grace Hugo Ines Jonas Kate Liam Mia Noah Olga Paul Rosa Sam Tess Uma".split(
    " ",
  );
const lasts =
  "Adler Brown Clarke Dubois Evans Fischer Garcia Hansen Ivanov Jensen Kowalski Lopez Meyer Novak Olsen".split(
    " ",
  );

export function people(extra: number): Known[] {
  const list: Known[] = named.map(([name, email, phone, code], index) => ({
    view: { id: `r${index}`, name, email, phone },
    code: code && grouped(code),
    generated: code !== "JANET-SPRING",
    revoked: false,
    added: "2026-03-02T10:00:00Z",
    uses: index === 0 ? 3 : index,
    rules: index === 3 ? { ...plainRules, order_min: null, first_time_only: false } : plainRules,
    link: index === 0 ? "https://salon.example/?ref=K7MQ4RTX" : null,
  }));
  for (let index = 0; index < extra; index++) {
    const name = `${firsts[index % firsts.length]} ${lasts[(index * 7) % lasts.length]}`;
    list.push({
      view: {
        id: `x${index}`,
        name,
        email: `${name.toLowerCase().replace(" ", ".")}${index}@example.org`,
        phone: null,
      },
      code: index % 6 === 5 ? null : madeCode(index + 1),
      generated: true,
      revoked: false,
      added: "2026-05-11T09:30:00Z",
      uses: index % 4,
      rules: plainRules,
      link: null,
    });
  }
  return list;
}

export function leadRows(): LeadRow[] {
  const base: Omit<LeadRow, "id" | "name"> = {
    email: null,
    phone: null,
    state: "qualified",
    referrer_id: "r0",
    referrer: "Jane D.",
    at: new Date(Date.now() - 3_600_000).toISOString(),
    note: null,
    call_back: null,
    missing_contact: false,
    conflict: false,
    disputed: false,
    spent: 8500,
    source: "code",
  };
  return [
    { ...base, id: "l1", name: "Leo Brandt", email: "leo@brandt.example" },
    {
      ...base,
      id: "l2",
      name: "Sofia Reyes",
      missing_contact: true,
      spent: 4120,
      referrer: "Omar K.",
      referrer_id: "r1",
    },
    {
      ...base,
      id: "l3",
      name: "Tim Wood",
      phone: "+44 20 7946 0155",
      state: "pending",
      source: "phone",
      spent: 0,
      note: "Wants the long treatment; ask for Thursday afternoons.",
      call_back: new Date(Date.now() + 86_400_000).toISOString().slice(0, 10),
    },
    {
      ...base,
      id: "l4",
      name: "Noa Levi",
      email: "noa@levi.example",
      conflict: true,
      spent: 11250,
      referrer: "Łukasz Ż.",
    },
    { ...base, id: "l5", name: "Ida Holm", email: "ida@holm.example", state: "disqualified", spent: 0 },
  ];
}

/** Not a readable QR: squares that look like one, for the layout. */
export function pretendQr(): PersonCode["qr"] {
  const size = 29;
  let path = "";
  const finder = (x: number, y: number) => {
    path += `M${x} ${y}h7v7h-7zM${x + 1} ${y + 1}v5h5v-5zM${x + 2} ${y + 2}h3v3h-3z`;
  };
  finder(2, 2);
  finder(20, 2);
  finder(2, 20);
  for (let y = 2; y < 27; y++) {
    for (let x = 2; x < 27; x++) {
      const corner = (x < 10 && (y < 10 || y > 18)) || (x > 18 && y < 10);
      if (!corner && (x * 31 + y * 17 + x * y) % 3 === 0) path += `M${x} ${y}h1v1h-1z`;
    }
  }
  return { size, path };
}
