// What the camera sees, read: a decoder in plain script, so that the window's policy needs no exception. It is loaded at first use.

/** As wide as a card in the hand needs; more only costs time. */
const widthMax = 960;
let canvas: HTMLCanvasElement | null = null;

/** The text of the QR code in the picture; null if there is none. */
export async function findCode(picture: HTMLVideoElement): Promise<string | null> {
  const { videoWidth, videoHeight } = picture;
  if (!videoWidth || !videoHeight) return null;
  const scale = Math.min(1, widthMax / videoWidth);
  canvas ??= document.createElement("canvas");
  canvas.width = Math.round(videoWidth * scale);
  canvas.height = Math.round(videoHeight * scale);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return null;
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return readCode(context.getImageData(0, 0, canvas.width, canvas.height));
}

/** The same, from pixels. */
export async function readCode(image: {
  width: number;
  height: number;
  data: Uint8ClampedArray | Uint8Array;
}): Promise<string | null> {
  const { decodeQR } = await import("qr/decode.js");
  try {
    return decodeQR(image).trim() || null;
  } catch {
    return null; // No code in this picture; the next one may have it.
  }
}
