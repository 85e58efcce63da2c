import { afterEach, expect, test, vi } from "vitest";
import { Burst, watchScanner, type Scan } from "./scanner";

const codes = (text: string) =>
  [...text].map((symbol) =>
    symbol === "-" ? "Minus" : /\d/.test(symbol) ? `Digit${symbol}` : `Key${symbol.toUpperCase()}`,
  );

/** Types `typed` on the keys that print `physical` on a US keyboard, one key each `gap` ms. */
function burst(typed: string, physical: string, gap: number): Scan | null {
  const one = new Burst();
  const keys = codes(physical);
  [...typed].forEach((key, place) =>
    one.add({
      key,
      code: keys[place] ?? "",
      at: 1000 + place * gap,
      shift: /[A-Z]/.test(physical[place] ?? ""),
    }),
  );
  return one.end(1000 + typed.length * gap);
}

test("a fast keyboard that ends with Enter is a scanner", () => {
  expect(burst("K7MQ4RTX", "K7MQ4RTX", 8)?.text).toBe("K7MQ4RTX");
  expect(burst("K7MQ-4RTX", "K7MQ-4RTX", 34)?.text).toBe("K7MQ-4RTX");
});

test("hands are slower than 35 ms, and five keys are too few", () => {
  expect(burst("K7MQ4RTX", "K7MQ4RTX", 35)).toBeNull();
  expect(burst("K7MQ4", "K7MQ4", 8)).toBeNull();
});

test("one slow key begins a new burst", () => {
  const one = new Burst();
  [..."abK7MQ4RTX"].forEach((key, place) =>
    one.add({ key, code: codes(key)[0] ?? "", at: place < 2 ? place * 200 : 1000 + place * 10, shift: true }),
  );
  expect(one.end(1000 + 10 * 10)?.text).toBe("K7MQ4RTX");
});

// odoo/odoo PR#214407, inventree/InvenTree#10589: the layout turned a scanner's digits into àà&é.
test("AZERTY's àà&é are read from the keys themselves", () => {
  expect(burst("K_;Q'RTX", "K8MQ4RTX", 10)?.text).toBe("K8MQ4RTX");
  expect(burst("&éà'(-è_", "12045678", 10)?.text).toBe("12045678");
});

test("a German ß for the dash is read from the keys; a swapped Z and Y is kept as a second reading", () => {
  expect(burst("K7MQß4RTX", "K7MQ-4RTX", 10)?.text).toBe("K7MQ-4RTX");
  expect(burst("K7MQ4RTY", "K7MQ4RTZ", 10)).toEqual({ text: "K7MQ4RTY", physical: "K7MQ4RTZ" });
});

/** The keys of a US keyboard that print this text: the layout in which scanners are delivered. */
const usKeys: Record<string, [string, boolean]> = {
  ":": ["Semicolon", true], "?": ["Slash", true], "=": ["Equal", false], "/": ["Slash", false], ".": ["Period", false],
  "&": ["Digit7", true], "-": ["Minus", false],
}; // prettier-ignore

/** A scanner types `physical` on a US keyboard; the computer's own layout makes `typed` of it. A dead key makes nothing. */
function scanned(typed: string[], physical: string): Scan | null {
  const one = new Burst();
  [...physical].forEach((symbol, place) => {
    const [code, shift] = usKeys[symbol] ?? [codes(symbol)[0] ?? "", /[A-Z]/.test(symbol)];
    one.add({ key: typed[place] ?? "", code, at: 1000 + place * 10, shift });
  });
  return one.end(1000 + physical.length * 10);
}

test("what a card's QR code says is read as it is, also from a German keyboard", () => {
  const address = "counterfoil:K7MQ-4RTX?batch=12";
  expect(scanned([...address], address)).toEqual({ text: address, physical: address });
  const german = [...address].map((symbol) => ({ ":": "Ö", "-": "ß", "?": "_", "=": "" })[symbol] ?? symbol);
  expect(scanned(german, address)?.text).toBe(address);
  const link = "https://salon.example/jane?code=K7MQ-4RTX&batch=12";
  const typed = [...link].map(
    (symbol) => ({ ":": "Ö", "-": "ß", "?": "_", "=": "", "/": "-", "&": "/" })[symbol] ?? symbol,
  );
  expect(scanned(typed, link)?.text).toBe(link);
});

test("a card's address is read from the keys where the layout made other signs, dead ones and other letters of it", () => {
  const keys: [string, string, boolean][] = [
    ..."counterfoil".split("").map((c): [string, string, boolean] => [c, `Key${c.toUpperCase()}`, false]),
    ["Ö", "Semicolon", true],
    ["K", "KeyK", true],
    ["Y", "KeyZ", true],
    ["7", "Digit7", false],
    ["ß", "Minus", false],
    ["X", "KeyX", true],
    ["_", "Slash", true],
    ..."batch".split("").map((c): [string, string, boolean] => [c, `Key${c.toUpperCase()}`, false]),
    ["", "Equal", false], // a dead accent: no character yet
    ["1", "Digit1", false],
    ["2", "Digit2", false],
  ];
  const one = new Burst();
  keys.forEach(([key, code, shift], place) => one.add({ key, code, at: 1000 + place * 10, shift }));
  expect(one.end(1000 + keys.length * 10)?.text).toBe("counterfoil:KZ7-X?batch=12");
});

test("a link is kept as it was typed", () => {
  const link = "https://shop.example/jane?code=K7MQ-4RTX&batch=12";
  expect(burst(link, link, 10)?.text).toBe(link);
});

let stop = () => {};
afterEach(() => stop());

function press(target: Element, key: string, code: string, at: number): KeyboardEvent {
  const event = new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true });
  Object.defineProperty(event, "timeStamp", { value: at });
  target.dispatchEvent(event);
  if (!event.defaultPrevented && key.length === 1 && target instanceof HTMLInputElement) target.value += key;
  return event;
}

// itpp-labs/pos-addons#50, kilbot/WooCommerce-POS#127: a scan landed in the wrong field, or a click was needed before it.
test("the scan is taken out of the field it landed in, and its Enter presses nothing", () => {
  const field = document.body.appendChild(document.createElement("input"));
  field.value = "Leo";
  field.focus();
  const heard = vi.fn();
  const submitted = vi.fn();
  field.addEventListener("keydown", (event) => event.key === "Enter" && submitted());
  stop = watchScanner(heard);
  [..."K7MQ4RTX"].forEach((key, place) => press(field, key, codes(key)[0] ?? "", 5000 + place * 12));
  expect(field.value).toBe("LeoK7MQ4RTX");
  const enter = press(field, "Enter", "Enter", 5000 + 8 * 12);
  expect(enter.defaultPrevented).toBe(true);
  expect(field.value).toBe("Leo");
  expect(submitted).not.toHaveBeenCalled();
  expect(heard).toHaveBeenCalledWith({ text: "K7MQ4RTX", physical: "k7mq4rtx" });
});

test("the question mark in a card's address asks for no help", () => {
  const button = document.body.appendChild(document.createElement("button"));
  button.focus();
  const heard = vi.fn();
  stop = watchScanner(heard);
  const text = "counterfoil:K7MQ-4RTX?batch=1";
  const keys = [...text].map((key, place) => press(button, key, codes(key)[0] ?? "", 5000 + place * 12));
  expect(keys[text.indexOf("?")]!.defaultPrevented).toBe(true);
  press(button, "Enter", "Enter", 5000 + text.length * 12);
  expect(heard.mock.calls[0]?.[0].text).toBe(text);
  expect(press(button, "?", "Slash", 9000).defaultPrevented).toBe(false);
});

test("a person who types and presses Enter keeps every letter", () => {
  const field = document.body.appendChild(document.createElement("input"));
  field.focus();
  const heard = vi.fn();
  stop = watchScanner(heard);
  [..."K7MQ4RTX"].forEach((key, place) => press(field, key, codes(key)[0] ?? "", 5000 + place * 90));
  expect(press(field, "Enter", "Enter", 6000).defaultPrevented).toBe(false);
  expect(field.value).toBe("K7MQ4RTX");
  expect(heard).not.toHaveBeenCalled();
});

test("what is typed into a password field stays there, however quick", () => {
  const field = document.body.appendChild(document.createElement("input"));
  field.type = "password";
  field.focus();
  const heard = vi.fn();
  stop = watchScanner(heard);
  [..."K7MQ4RTX"].forEach((key, place) => press(field, key, codes(key)[0] ?? "", 5000 + place * 12));
  expect(press(field, "Enter", "Enter", 5000 + 8 * 12).defaultPrevented).toBe(false);
  expect(field.value).toBe("K7MQ4RTX");
  expect(heard).not.toHaveBeenCalled();
});
