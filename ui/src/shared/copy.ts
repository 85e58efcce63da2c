// Copies text; some webviews keep their clipboard closed, so the old way is tried too.
import { t } from "../i18n/index.svelte";
import { toasts } from "./toasts.svelte";

function theOldWay(text: string): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "sr";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}

/** Says whether the text is in the clipboard now, and gives it. */
export async function copy(text: string, said = t("shared.copied", { text })): Promise<boolean> {
  const done = await navigator.clipboard.writeText(text).then(
    () => true,
    () => theOldWay(text),
  );
  if (done) toasts.say(said, "plain");
  else toasts.say(t("shared.not_copied"), "stop");
  return done;
}
