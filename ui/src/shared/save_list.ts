// A list saved as a file, while staff go on selling: count, estimate, Cancel.
import { chooseWhereToSave, desk, type List } from "../api/call";
import { t } from "../i18n/index.svelte";
import { jobs } from "./jobs.svelte";
import { toasts } from "./toasts.svelte";

export async function saveList(list: List, file: string): Promise<void> {
  try {
    const path = await chooseWhereToSave(t("referrers.export"), file);
    if (!path) return;
    const outcome = await jobs.run(t("export.job", { file: path.split(/[\\/]/).at(-1) }), (progress) =>
      desk.exportList(list, path, progress),
    );
    if (!outcome) toasts.say(t("job.busy"), "plain");
    else if ("data" in outcome) toasts.say(t("referrers.exported", { count: outcome.data, path }));
    else if ("cancelled" in outcome) toasts.say(t("export.stopped"), "plain");
    else toasts.say(outcome.fault.sentence, "stop");
  } catch (cause) {
    toasts.fault(cause);
  }
}
