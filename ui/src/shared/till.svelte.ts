// Who stands at this till: remembered here until somebody else says their name, and on record with what they hand out.
const kept = "handout-by";
let name = $state(localStorage.getItem(kept) ?? "");

export const till = {
  /** As it stands in the field. */
  get name(): string {
    return name;
  },
  set name(typed: string) {
    name = typed;
    localStorage.setItem(kept, typed.trim());
  },
  /** As it goes on record. */
  get by(): string | null {
    return name.trim() || null;
  },
};
