// The only door to Tauri: every command as a plain function that answers or throws a Trouble, the bell, files and the clipboard.
import { Channel } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import { getCurrentWebview } from "@tauri-apps/api/webview";
import { open, save } from "@tauri-apps/plugin-dialog";
import { t } from "../i18n/index.svelte";
import { commands, type Fault, type Progress } from "./bindings";

export type * from "./bindings";

/** A fault as the desk says it: a sentence, and who can mend it. */
export class Trouble extends Error {
  constructor(readonly fault: Fault) {
    super(fault.sentence);
  }
}

type Commands = typeof commands;
type Answer<C> = C extends (
  ...args: infer A
) => Promise<{ status: "ok"; data: infer D } | { status: "error"; error: unknown }>
  ? (...args: A) => Promise<D>
  : never;

type Outcome = { status: "ok"; data: unknown } | { status: "error"; error: Fault };

function unwrapped(command: (...args: never[]) => Promise<unknown>) {
  return async (...args: never[]) => {
    let outcome: Outcome;
    try {
      outcome = (await command(...args)) as Outcome;
    } catch (cause) {
      console.error(cause);
      throw new Trouble({ code: "window", sentence: t("fault.window"), who: "support" });
    }
    if (outcome.status === "error") throw new Trouble(outcome.error);
    return outcome.data;
  };
}

export const desk = Object.fromEntries(
  Object.entries(commands).map(([name, command]) => [name, unwrapped(command)]),
) as { [N in keyof Commands]: Answer<Commands[N]> };

export function faultOf(cause: unknown): Fault {
  if (cause instanceof Trouble) return cause.fault;
  console.error(cause);
  return { code: "window", sentence: t("fault.window"), who: "support" };
}

export function progressChannel(tell: (progress: Progress) => void): Channel<Progress> {
  const channel = new Channel<Progress>();
  channel.onmessage = tell;
  return channel;
}

/** A bell, no data: whoever hears it asks again. */
export function onBell(hear: () => void): void {
  listen("changed", hear).catch((cause: unknown) => console.error(cause));
}

/** Another program opened this one with an address. Hears at once, for that may have been before; answers with a function that stops. */
export function onOpened(hear: () => Promise<void>): () => void {
  const stop = listen("opened", () => void hear());
  stop.catch((cause: unknown) => console.error(cause));
  void hear();
  return () => void stop.then((off) => off()).catch(() => undefined);
}

/** Files dropped on the window arrive as paths. Answers with a function that stops listening. */
export function onFileDrop(hear: (path: string) => void, over: (on: boolean) => void): () => void {
  const stop = getCurrentWebview().onDragDropEvent((event) => {
    over(event.payload.type === "enter" || event.payload.type === "over");
    if (event.payload.type === "drop" && event.payload.paths[0]) hear(event.payload.paths[0]);
  });
  stop.catch((cause: unknown) => console.error(cause));
  return () => void stop.then((off) => off()).catch(() => undefined);
}

export async function chooseFile(title: string, extensions: string[]): Promise<string | null> {
  return open({ title, multiple: false, directory: false, filters: [{ name: title, extensions }] });
}

export async function chooseWhereToSave(title: string, name: string, kind = "CSV"): Promise<string | null> {
  return save({ title, defaultPath: name, filters: [{ name: kind, extensions: [kind.toLowerCase()] }] });
}
