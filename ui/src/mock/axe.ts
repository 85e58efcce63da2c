// An accessibility check that names what is wrong and where. Colours are looked at in the pictures: happy-dom has none.
import axe from "axe-core";

export async function complaints(root: Element = document.body): Promise<string[]> {
  const { violations } = await axe.run(root, {
    rules: {
      "color-contrast": { enabled: false },
      region: { enabled: false },
      // bits-ui keeps an empty option list beside a closed field.
      "aria-required-children": { enabled: false },
    },
  });
  return violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 160)}`));
}
