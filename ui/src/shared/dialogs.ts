/** A dialog (or, with `menus`, a menu) waits for an answer, so other keys have to wait. One that fades away asks nothing more. */
export function dialogOpen({ menus = false } = {}): boolean {
  const roles = menus ? '[role="dialog"], [role="menu"]' : '[role="dialog"]';
  return document.querySelector(`:is(${roles}):not([data-state="closed"])`) !== null;
}
