// The stand-in for messages, e-mails and the customer's page; a sketch, like the rest of the stand-in.
import type * as W from "../api/bindings";

export type SendScene = { second?: boolean; mail?: "none" | "ready" | "trouble"; cards?: "trouble" };
type Args = Record<string, unknown>;
/** What of the other stand-in is asked. */
type Desk = {
  shop: W.OpenShop;
  person: (args: Args) => W.Person;
  generate_code: (args: Args) => W.Person;
};

const email: Record<string, [string, string]> = {
  en: ["Your referral code for {shop}", "Hello {name},\n\nthis is your own referral code:\n\n{code}\n\nWhoever names it gets {offer}.\n{link}\n\nKind regards\n{shop}\n"],
  de: ["Ihr Empfehlungscode für {shop}", "Guten Tag {name},\n\ndas ist Ihr eigener Empfehlungscode:\n\n{code}\n\nWer ihn nennt, bekommt {offer}.\n{link}\n\nFreundliche Grüße\n{shop}\n"],
}; // prettier-ignore

export class FakeSend {
  texts: W.MessageText[] = [];
  server: W.MailServerView | null = null;
  passwordKept = false;
  opened: string | null = null;
  shown: W.CustomerPage | null = null;
  pages: W.MailingPage[] = [];

  constructor(
    readonly scene: SendScene,
    readonly desk: Desk,
  ) {
    for (const language of ["en", "de"]) {
      for (const channel of ["email", "sms", "whatsapp", "copy"] as const) {
        const [subject, body] = email[language]!;
        this.texts.push({
          channel, language, ours: true,
          subject: channel === "email" ? subject : "", body: channel === "email" ? body : "{shop}: {code} – {offer}\n{link}",
        }); // prettier-ignore
      }
    }
    if (scene.mail && scene.mail !== "none") {
      this.server = {
        host: "smtp.salon.example", port: 465, security: "tls", user: "salon",
        from_name: "Harbour Street Salon", from_address: "hello@salon.example",
      }; // prettier-ignore
      this.passwordKept = true;
    }
  }

  message_texts(): W.MessageText[] {
    return this.texts;
  }
  set_message_text({ ask }: Args): W.MessageText[] {
    const { channel, language, subject, body } = ask as W.TextAsk;
    this.try_message_text({ ask });
    Object.assign(this.#text(channel, language), { subject, body, ours: false });
    return this.texts;
  }
  reset_message_text({ channel, language }: Args): W.MessageText[] {
    Object.assign(this.#text(channel as W.MessageChannel, language as string), { ours: true });
    return this.texts;
  }
  try_message_text({ ask }: Args): W.FilledText {
    const { subject, body } = ask as W.TextAsk;
    if (!body.includes("{code}")) {
      const sentence =
        "The text does not say the code. Put “code” in braces where it belongs; a link is not always there.";
      throw { code: "message_no_code", sentence, who: "staff" } satisfies W.Fault;
    }
    return {
      subject: this.#filled(subject, "Jane Doyle", "K7MQ-4RTX"),
      body: this.#filled(body, "Jane Doyle", "K7MQ-4RTX"),
    };
  }
  message({ ask }: Args): W.MessageView {
    const { referrer_id, channel, language } = ask as W.MessageAsk;
    const person = this.#coded(referrer_id);
    const { subject, body } = this.#text(channel, language ?? "en");
    const fill = (text: string) => this.#filled(text, person.referrer.name, person.code!.code);
    return { subject: fill(subject), body: fill(body), url: channel === "copy" ? null : `${channel}:` };
  }
  open_message(args: Args): null {
    this.message(args);
    return null;
  }
  show_code({ ask }: Args): W.Shown {
    const person = this.#coded((ask as W.ShowAsk).referrer_id);
    const german = this.desk.shop.language === "de";
    this.shown = {
      shop: this.desk.shop.name, code: person.code!.code, spelling: person.code!.spelling, qr: person.code!.qr,
      offer: german ? "15 % Rabatt auf die erste Bestellung" : "15% off your first order",
      conditions: [german ? "Ab 30,00 € Bestellwert" : "For orders of €30.00 or more"],
      expiry: german ? "Gilt bis 31. Dezember 2026" : "Valid until 31 December 2026", language: this.desk.shop.language,
    }; // prettier-ignore
    return { page: this.shown, second_screen: this.scene.second ?? false };
  }
  hide_code(): null {
    this.shown = null;
    return null;
  }
  customer_page(): W.CustomerPage | null {
    return this.shown ?? this.show_code({ ask: { op: "", referrer_id: "r0", by: null } }).page;
  }
  take_opened(): string | null {
    const opened = this.opened;
    this.opened = null;
    return opened;
  }

  mail_settings(): W.MailSettings {
    return { server: this.server, password_kept: this.passwordKept, keyring: true };
  }
  set_mail_server({ ask, password }: Args): W.MailSettings {
    this.server = ask as W.MailServerView;
    this.passwordKept ||= Boolean(password);
    return this.mail_settings();
  }
  forget_mail_server(): W.MailSettings {
    this.server = null;
    this.passwordKept = false;
    return this.mail_settings();
  }
  test_mail(): W.MailTested {
    const to = this.server?.from_address ?? "";
    return {
      to,
      state: "sent",
      sentence: `The mail server took the test for ${to}. Look whether it arrived there.`,
    };
  }
  mailing_troubles(): string[] {
    return this.scene.cards === "trouble" ? ["Tamika’s name: “\u{1F600}” can’t be drawn."] : [];
  }
  begin_mailing({ ask }: Args): W.MailingView {
    const { op, to, subject } = ask as W.MailAsk;
    if (!this.server) {
      throw {
        code: "mail_not_set_up",
        sentence: "No mail server is set up. A manager can do that in Settings, under E-mail.",
        who: "manager",
      };
    }
    const ids = to.kind === "these" ? to.ids : ["r0", "r1", "r3", "r4"];
    const mails = ids.map((id): W.MailView => {
      const { referrer } = this.#coded(id);
      return { id: `${op}-${id}`, referrer_id: id, name: referrer.name, address: referrer.email, state: "waiting", sentence: null, tried: null };
    }); // prettier-ignore
    const page = { mailing: { id: op, at: new Date().toISOString(), by: null, subject, total: 0, sent: 0, waiting: 0, not_sent: 0, unknown: 0, running: false }, mails }; // prettier-ignore
    this.pages.unshift(page);
    return this.#counted(page).mailing;
  }
  send_mailing({ id }: Args): W.MailingPage {
    const page = this.pages.find((one) => one.mailing.id === id)!;
    page.mails.forEach((mail, index) => {
      if (mail.state !== "waiting") return;
      mail.state = "sent";
      mail.sentence = null;
      if (this.scene.mail !== "trouble" || mail.tried) return;
      mail.tried = new Date().toISOString();
      if (index === 0) {
        mail.state = "unknown";
        mail.sentence =
          "It was given to the mail server, which never said whether it took it. Ask the person, or look into the server’s sent mail, before it is sent again.";
      } else if (index === 2) {
        mail.state = "not_sent";
        mail.sentence = "The mail server does not take this address: 550 5.1.1 no such mailbox";
      }
    });
    return this.#counted(page);
  }
  mailings(): W.MailingView[] {
    return this.pages.map((page) => page.mailing);
  }
  mailing({ id }: Args): W.MailingPage {
    return this.pages.find((one) => one.mailing.id === id)!;
  }
  decide_mail({ id, decision }: Args): W.MailingPage {
    const page = this.pages.find((one) => one.mails.some((mail) => mail.id === id))!;
    const mail = page.mails.find((one) => one.id === id)!;
    Object.assign(mail, { state: decision === "arrived" ? "sent" : "waiting", sentence: null });
    return this.#counted(page);
  }

  #counted(page: W.MailingPage): W.MailingPage {
    const count = (state: W.MailState) => page.mails.filter((mail) => mail.state === state).length;
    Object.assign(page.mailing, {
      total: page.mails.length, sent: count("sent"), waiting: count("waiting"), not_sent: count("not_sent"), unknown: count("unknown"),
    }); // prettier-ignore
    return page;
  }
  #coded(id: string): W.Person {
    const person = this.desk.person({ id });
    return person.code ? person : this.desk.generate_code({ referrerId: id });
  }
  #text(channel: W.MessageChannel, language: string): W.MessageText {
    return this.texts.find((one) => one.channel === channel && one.language === language)!;
  }
  #filled(text: string, name: string, code: string): string {
    return text
      .split("\n")
      .filter((line) => !line.includes("{link}"))
      .join("\n")
      .replaceAll("{name}", name)
      .replaceAll("{code}", code)
      .replaceAll("{offer}", "15% off your first order")
      .replaceAll("{shop}", this.desk.shop.name);
  }
}
