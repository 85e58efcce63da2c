// The screens in the order of the rail, each with its key.
import CreditCard from "@lucide/svelte/icons/credit-card";
import FileDown from "@lucide/svelte/icons/file-down";
import Phone from "@lucide/svelte/icons/phone";
import RefreshCw from "@lucide/svelte/icons/refresh-cw";
import Settings from "@lucide/svelte/icons/settings";
import TicketCheck from "@lucide/svelte/icons/ticket-check";
import UserCheck from "@lucide/svelte/icons/user-check";
import Users from "@lucide/svelte/icons/users";
import type { Component } from "svelte";
import type { Key } from "../i18n/index.svelte";
import type { Screen } from "./nav.svelte";

export type Place = {
  screen: Screen;
  name: Key;
  key: string | null;
  icon: Component;
  group: "daily" | "office";
};

export const places: Place[] = [
  { screen: "counter", name: "counter.title", key: "F2", icon: TicketCheck, group: "daily" },
  { screen: "lead", name: "lead.title", key: "F3", icon: Phone, group: "daily" },
  { screen: "referrers", name: "referrers.title", key: "F6", icon: Users, group: "daily" },
  { screen: "leads", name: "leads.title", key: "F7", icon: UserCheck, group: "daily" },
  { screen: "cards", name: "cards.title", key: "F8", icon: CreditCard, group: "office" },
  { screen: "import", name: "import.title", key: "F9", icon: FileDown, group: "office" },
  { screen: "sync", name: "sync.title", key: "F10", icon: RefreshCw, group: "office" },
  { screen: "settings", name: "settings.title", key: null, icon: Settings, group: "office" },
];
