// What a webcam makes of a card in a hand: turned, tilted, out of focus, noisy, dim. Each picture is drawn point by point.
import encodeQR from "qr";
import { describe, expect, test } from "vitest";
import { readCode } from "./camera";

const text = "https://salon.example/jane?code=K7MQ-4RTX&batch=12";
const modules = encodeQR(text, "raw", { border: 4, ecc: "medium" });
const [width, height] = [640, 480];

type Look = { turn?: number; tilt?: number; blur?: number; noise?: number; dark?: number; light?: number };

/** A card of some 300 points in the middle of a grey desk. */
function photograph({ turn = 0, tilt = 0, blur = 0, noise = 0, dark = 30, light = 235 }: Look) {
  const side = 300;
  const [cos, sin] = [Math.cos((turn * Math.PI) / 180), Math.sin((turn * Math.PI) / 180)];
  const grey = new Float64Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [right, down] = [x - width / 2, y - height / 2];
      // The far edge is smaller than the near one.
      const depth = 1 + (tilt * down) / side;
      const [across, along] = [(right * cos + down * sin) / depth, (down * cos - right * sin) / depth];
      const module =
        modules[Math.floor((along / side + 0.5) * modules.length)]?.[
          Math.floor((across / side + 0.5) * modules.length)
        ];
      grey[y * width + x] = module === undefined ? 120 : module ? dark : light;
    }
  }
  const data = new Uint8ClampedArray(width * height * 4).fill(255);
  let seed = 7;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let [sum, count] = [0, 0];
      for (let v = Math.max(0, y - blur); v <= Math.min(height - 1, y + blur); v++) {
        for (let u = Math.max(0, x - blur); u <= Math.min(width - 1, x + blur); u++) {
          sum += grey[v * width + u]!;
          count++;
        }
      }
      seed = (seed * 1103515245 + 12345) % 2 ** 31;
      const shade = sum / count + noise * ((seed / 2 ** 31) * 2 - 1);
      data.fill(shade, (y * width + x) * 4, (y * width + x) * 4 + 3);
    }
  }
  return { width, height, data };
}

describe("a card before the webcam is read", () => {
  test.each<[string, Look]>([
    ["straight", {}],
    ["turned a little", { turn: 12 }],
    ["turned a lot", { turn: 47 }],
    ["upside down", { turn: 180 }],
    ["tilted away", { tilt: 0.15 }],
    ["out of focus", { blur: 2 }],
    ["noisy", { noise: 40 }],
    ["in dim light", { dark: 20, light: 80 }],
    ["turned, tilted, noisy and out of focus", { turn: 20, tilt: 0.08, blur: 1, noise: 20 }],
  ])("%s", async (_, look) => {
    expect(await readCode(photograph(look))).toBe(text);
  });

  test("but not what nobody could read", async () => {
    expect(await readCode(photograph({ blur: 12 }))).toBeNull();
  });
});
