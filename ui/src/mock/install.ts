// Puts the stand-in behind Tauri's own mocks. The address chooses the scene: /?opening=first_run&language=de&look=dark
import { mockIPC, mockWindows } from "@tauri-apps/api/mocks";
import { bell } from "../shared/shop.svelte";
import { FakeDesk, type Scene } from "./desk";

export function behind(desk: FakeDesk): void {
  desk.bell = bell.ring;
  mockWindows("main");
  mockIPC(
    (command, args) => {
      if (command === "plugin:dialog|open") return "/home/till/Downloads/customers.csv";
      if (command === "plugin:dialog|save") {
        const name = (args as { options?: { defaultPath?: string } }).options?.defaultPath;
        return `/home/till/Documents/${name?.endsWith(".pdf") ? name : "export.csv"}`;
      }
      if (command.startsWith("plugin:")) return null;
      return desk.handle(command === "leads" ? "leads_list" : command, args as Record<string, unknown>);
    },
    { shouldMockEvents: true },
  );
}

export function install(): void {
  const asked = new URLSearchParams(location.search);
  const scene: Record<string, unknown> = {};
  for (const [name, value] of asked) {
    scene[name] = value === "true" ? true : /^\d+$/.test(value) ? Number(value) : value;
  }
  const desk = new FakeDesk(scene as Scene);
  behind(desk);
  (window as unknown as { desk: FakeDesk }).desk = desk;
}
