// Subject and text of an e-mail: as the shop keeps it, until somebody rewrites it.
import { desk } from "../api/call";

export class MailText {
  subject = $state("");
  body = $state("");
  #asItCame = $state({ subject: "", body: "" });

  get rewritten(): boolean {
    return this.subject !== this.#asItCame.subject || this.body !== this.#asItCame.body;
  }

  async ask(language: string): Promise<void> {
    const texts = await desk.messageTexts();
    const text = texts.find((one) => one.channel === "email" && one.language === language);
    this.subject = text?.subject ?? "";
    this.body = text?.body ?? "";
    this.#asItCame = { subject: this.subject, body: this.body };
  }
}
