// Copies text; some webviews keep their clipboard closed, so the old way is tried too.
import { t } from "../i18n/index.svelte";
import { toasts } from "./toasts.svelte";

export async function copy(text: string, said = t("shared.copied", { text })): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "sr";
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  toasts.say(said, "plain");
}
