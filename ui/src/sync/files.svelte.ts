// The files that were saved but not yet uploaded by hand: kept while the window is open, for whoever comes back from the browser.
import type { HandoverKind } from "../api/call";

export const saved = $state<Partial<Record<HandoverKind, { path: string; rows: number }>>>({});
