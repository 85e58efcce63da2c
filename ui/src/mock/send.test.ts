// Handing codes out: every way, the customer's page, messages, e-mails to many, the camera, and links that open the window.
import { render, screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import encodeQR from "qr";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import App from "../App.svelte";
import { findCode, readCode } from "../counter/camera";
import { sale } from "../counter/sale.svelte";
import { customer } from "../handout/customer.svelte";
import { handOut } from "../shared/hand_out.svelte";
import { nav, type Parcel, type Screen } from "../shared/nav.svelte";
import { leave } from "../shared/shop.svelte";
import { till } from "../shared/till.svelte";
import { complaints } from "./axe";
import { FakeDesk, type Scene } from "./desk";
import { behind } from "./install";

// There is no picture here to be read: what a camera sees is said by the test.
vi.mock("../counter/camera", async (original) => ({
  ...(await original<object>()),
  findCode: vi.fn(() => Promise.resolve(null)),
}));

let desk: FakeDesk;
let user: ReturnType<typeof userEvent.setup>;

async function open(scene: Scene = {}, at: Screen = "counter", parcel: Parcel | null = null): Promise<void> {
  leave();
  desk = new FakeDesk({ extra: 20, ...scene });
  behind(desk);
  await customer.hide();
  document.body.removeAttribute("style");
  sale.clear();
  handOut.open = handOut.many = false;
  handOut.who = null;
  nav.go(at, parcel);
  user = userEvent.setup({ delay: 40 });
  render(App);
  await waitFor(() => expect(document.querySelector("h1")).not.toBeNull());
}

const asks = (command: string) =>
  desk.calls
    .filter((call) => call.command === command)
    .map(({ args }) => args["ask"] as Record<string, unknown>);

async function handing(scene: Scene = {}, id = "r0"): Promise<HTMLElement> {
  await open(scene, "referrers", { person: id });
  await user.click(await screen.findByTestId("hand-out-open"));
  const dialog = await screen.findByTestId("hand-out-dialog");
  await waitFor(() => expect(within(dialog).getByTestId("way-screen")).toBeEnabled());
  return dialog;
}

describe("handing a code out", () => {
  test("F4 at the counter means whoever is found, and a message is on record", async () => {
    await open();
    await screen.findByTestId("code-field");
    await user.keyboard("jane d");
    await screen.findByText("Jane Doyle");
    await user.keyboard("{F4}");
    const dialog = await screen.findByTestId("hand-out-dialog");
    await within(dialog).findByText("K7MQ-4RTX");
    expect(await complaints()).toEqual([]);
    await user.click(within(dialog).getByTestId("way-whatsapp"));
    await waitFor(() => expect(asks("hand_out")).toHaveLength(1));
    expect(asks("open_message")[0]).toEqual({ referrer_id: "r0", channel: "whatsapp", language: "en" });
    expect(asks("hand_out")[0]).toMatchObject({ referrer_id: "r0", how: "message", place: "WhatsApp" });
    expect(asks("hand_out")[0]!["op"]).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("F4 with nobody in sight asks for whom, by keyboard alone", async () => {
    await open({}, "leads");
    await screen.findByText("Leo Brandt");
    await user.keyboard("{F4}");
    await waitFor(() => expect(screen.getByTestId("hand-out-whom")).toHaveFocus());
    expect(await complaints()).toEqual([]);
    await user.keyboard("aiko");
    await screen.findByText("Aiko Tanaka");
    await user.keyboard("{Enter}");
    await screen.findByText("Hand out: Aiko Tanaka");
    await screen.findByText(/One is made as soon as/);
  });

  describe("who stands at the till", () => {
    afterEach(() => (till.name = ""));

    test("is asked once, remembered, and on record with what is handed out", async () => {
      const dialog = await handing();
      await user.type(within(dialog).getByLabelText(/Handed out by/), "Mina");
      await user.click(within(dialog).getByTestId("way-read"));
      await waitFor(() => expect(asks("hand_out")[0]).toMatchObject({ how: "spoken", by: "Mina" }));
      expect(localStorage.getItem("handout-by")).toBe("Mina");
      await user.click(within(dialog).getByTestId("way-slip"));
      await waitFor(() => expect(asks("save_slip")).toHaveLength(1));
      expect(asks("save_slip")[0]).toMatchObject({ by: "Mina" });
    });

    test("is on record with a page that is shown", async () => {
      till.name = "Mina";
      const dialog = await handing();
      await user.click(within(dialog).getByTestId("way-screen"));
      await waitFor(() => expect(asks("show_code")[0]).toMatchObject({ by: "Mina" }));
    });

    test("is on record with an e-mail", async () => {
      till.name = "Mina";
      const dialog = await handing({ mail: "ready" });
      await user.click(within(dialog).getByTestId("way-mail"));
      await waitFor(() =>
        expect(within(dialog).getByLabelText<HTMLInputElement>("Subject").value).not.toBe(""),
      );
      await user.click(await within(dialog).findByTestId("mail-send"));
      await waitFor(() => expect(asks("begin_mailing")[0]).toMatchObject({ by: "Mina" }));
    });
  });

  test("a message that no program opens is not on record", async () => {
    const dialog = await handing();
    desk.failNext["open_message"] = {
      code: "nothing_opens",
      sentence: "No program opens it.",
      who: "manager",
    };
    await user.click(within(dialog).getByTestId("way-email"));
    await within(dialog).findByText(/No program opens it/);
    expect(asks("hand_out")).toHaveLength(0);
  });

  test("who has no phone gets no SMS, and it is said why", async () => {
    const dialog = await handing({}, "r1");
    expect(within(dialog).getByTestId("way-sms")).toBeDisabled();
    within(dialog).getByText("No phone number is known.");
    await user.click(within(dialog).getByText("Deutsch"));
    await user.click(within(dialog).getByTestId("way-email"));
    await waitFor(() => expect(asks("open_message")[0]).toMatchObject({ channel: "email", language: "de" }));
  });

  describe("by the system's own share", () => {
    const share = vi.fn<(what: ShareData) => Promise<void>>();
    beforeEach(() => void Object.assign(navigator, { share: share.mockReset() }));
    afterEach(() => void Reflect.deleteProperty(navigator, "share"));

    async function shareIt(): Promise<HTMLElement> {
      const dialog = await handing();
      await user.click(within(dialog).getByText("Share…"));
      await waitFor(() => expect(share).toHaveBeenCalledTimes(1));
      await waitFor(() => expect(within(dialog).getByText("Share…")).toBeEnabled());
      return dialog;
    }

    test("goes the text with the code, and it is on record once", async () => {
      share.mockResolvedValue();
      await shareIt();
      expect(Object.keys(share.mock.calls[0]![0])).toEqual(["text"]);
      expect(share.mock.calls[0]![0].text).toContain("K7MQ-4RTX");
      expect(asks("hand_out")).toHaveLength(1);
      expect(asks("hand_out")[0]).toMatchObject({ referrer_id: "r0", how: "message" });
    });

    test("nothing is on record where it was put away, and nothing is wrong", async () => {
      share.mockRejectedValue(new DOMException("put away", "AbortError"));
      const dialog = await shareIt();
      expect(asks("hand_out")).toHaveLength(0);
      expect(within(dialog).queryByRole("alert")).toBeNull();
    });

    test("nothing is on record where the system refuses it, and it is said", async () => {
      const silent = vi.spyOn(console, "error").mockReturnValue();
      share.mockRejectedValue(new DOMException("no", "NotAllowedError"));
      const dialog = await shareIt();
      await within(dialog).findByRole("alert");
      expect(asks("hand_out")).toHaveLength(0);
      silent.mockRestore();
    });
  });

  test("where the system has no share, none is offered", async () => {
    const dialog = await handing();
    expect(within(dialog).queryByText("Share…")).toBeNull();
  });

  test("read aloud in spelling words", async () => {
    const dialog = await handing();
    await user.click(within(dialog).getByTestId("way-read"));
    expect(await within(dialog).findByTestId("spelling")).toHaveTextContent(
      "Kilo 7 Mike Quebec · 4 Romeo Tango X-ray",
    );
    expect(asks("hand_out")[0]).toMatchObject({ how: "spoken", place: null });
  });
});

describe("the customer's page", () => {
  test("shows code, QR and offer over everything, nobody's name, and goes with Esc", async () => {
    const dialog = await handing();
    await user.click(within(dialog).getByTestId("way-screen"));
    const page = await screen.findByTestId("customer-page");
    expect(page).toHaveTextContent(/15% off your first order/);
    expect(page).toHaveTextContent("K7MQ-4RTX");
    expect(page).toHaveTextContent("Harbour Street Salon");
    expect(page.textContent).not.toMatch(/Jane|Doyle|jane@|7946/);
    expect(await complaints()).toEqual([]);
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByTestId("customer-page")).toBeNull());
    expect(desk.calls.some(({ command }) => command === "hide_code")).toBe(true);
  });

  test("on a second screen, the till says so and can take it away", async () => {
    const dialog = await handing({ second: true });
    await user.click(within(dialog).getByTestId("way-screen"));
    const there = await screen.findByTestId("customer-there");
    expect(screen.queryByTestId("customer-page")).toBeNull();
    expect(await complaints()).toEqual([]);
    await user.click(within(there).getByText(/Take it away/));
    await waitFor(() => expect(desk.calls.some(({ command }) => command === "hide_code")).toBe(true));
  });
});

describe("e-mails", () => {
  test("one to one person, read before it goes", async () => {
    const dialog = await handing({ mail: "ready" });
    await user.click(within(dialog).getByTestId("way-mail"));
    const send = await within(dialog).findByTestId("mail-send");
    await waitFor(() =>
      expect(within(dialog).getByLabelText<HTMLInputElement>("Subject").value).toMatch(/referral code/),
    );
    expect(await complaints()).toEqual([]);
    await user.click(send);
    await screen.findByText("E-mail to Jane Doyle sent");
    expect(asks("begin_mailing")[0]).toMatchObject({ to: { kind: "these", ids: ["r0"] }, language: "en" });
  });

  test("without a server it is said what to do, and a try after that is the same e-mail", async () => {
    const dialog = await handing();
    await user.click(within(dialog).getByTestId("way-mail"));
    await waitFor(() =>
      expect(within(dialog).getByLabelText<HTMLInputElement>("Subject").value).not.toBe(""),
    );
    await user.click(await within(dialog).findByTestId("mail-send"));
    await within(dialog).findByText(/No mail server is set up/);
    await user.click(within(dialog).getByTestId("mail-send"));
    await waitFor(() => expect(asks("begin_mailing")).toHaveLength(2));
    expect(asks("begin_mailing")[0]!["op"]).toBe(asks("begin_mailing")[1]!["op"]);
  });

  test("one of which nobody knows is not sent again by the same button", async () => {
    const dialog = await handing({ mail: "trouble" });
    await user.click(within(dialog).getByTestId("way-mail"));
    await waitFor(() =>
      expect(within(dialog).getByLabelText<HTMLInputElement>("Subject").value).not.toBe(""),
    );
    await user.click(await within(dialog).findByTestId("mail-send"));
    await within(dialog).findByText(/never said whether it took it/);
    expect(within(dialog).getByTestId("mail-send")).toBeDisabled();
  });

  test("one text to many: each one's fate, and again only after a look", async () => {
    await open({ mail: "trouble" }, "referrers");
    await user.click(await screen.findByTestId("mail-many-open"));
    const dialog = await screen.findByTestId("mail-many");
    await waitFor(() =>
      expect(within(dialog).getByLabelText<HTMLInputElement>("Subject").value).not.toBe(""),
    );
    expect(await complaints()).toEqual([]);
    await user.click(within(dialog).getByTestId("mail-many-send"));
    await within(dialog).findByText("2 sent");
    within(dialog).getByText("1 not sent");
    within(dialog).getByText("1 to look at");
    expect(asks("begin_mailing")[0]).toMatchObject({ to: { kind: "not_handed_out" } });
    expect(await complaints()).toEqual([]);
    // The unknown one stands first; sending it again asks before.
    const unknown = within(dialog).getAllByRole("listitem")[0]!;
    await user.click(within(unknown).getByText("Send again"));
    await screen.findByText("Send to Jane Doyle again?");
    expect(desk.calls.some(({ command }) => command === "decide_mail")).toBe(false);
    await user.click(screen.getByTestId("ask-yes"));
    await user.click(await within(dialog).findByTestId("mail-rest"));
    await within(dialog).findByText("3 sent");
  });

  test("what won’t look right on the cards is said before anything is sent", async () => {
    const dialog = await handing({ mail: "ready", cards: "trouble" });
    await user.click(within(dialog).getByTestId("way-mail"));
    await waitFor(() =>
      expect(within(dialog).getByLabelText<HTMLInputElement>("Subject").value).not.toBe(""),
    );
    await user.click(within(dialog).getByLabelText("With their card as a PDF"));
    await user.click(within(dialog).getByTestId("mail-send"));
    await within(dialog).findByText(/can’t be drawn/);
    expect(asks("begin_mailing")).toHaveLength(0);
    expect(await complaints()).toEqual([]);
    await user.click(within(dialog).getByText("Send all the same"));
    await waitFor(() => expect(asks("begin_mailing")[0]).toMatchObject({ card: true }));
  });

  test("nor is anything sent to many before it is said", async () => {
    await open({ mail: "ready", cards: "trouble" }, "referrers");
    await user.click(await screen.findByTestId("mail-many-open"));
    const many = await screen.findByTestId("mail-many");
    await waitFor(() => expect(within(many).getByLabelText<HTMLInputElement>("Subject").value).not.toBe(""));
    await user.click(within(many).getByLabelText("With their card as a PDF"));
    await user.click(within(many).getByTestId("mail-many-send"));
    await within(many).findByText(/can’t be drawn/);
    expect(asks("begin_mailing")).toHaveLength(0);
    await user.click(within(many).getByText("Send all the same"));
    await waitFor(() => expect(asks("begin_mailing")).toHaveLength(1));
  });

  test.each([
    ["to one person", "hand-out-dialog"],
    ["to many", "mail-many"],
  ])("a text %s that was rewritten is not lost by Esc unasked; one as it came is", async (_, id) => {
    if (id === "mail-many") {
      await open({ mail: "ready" }, "referrers");
      await user.click(await screen.findByTestId("mail-many-open"));
    } else {
      const ways = await handing({ mail: "ready" });
      await user.click(within(ways).getByTestId("way-mail"));
    }
    const dialog = await screen.findByTestId(id);
    const subject = await within(dialog).findByLabelText<HTMLInputElement>("Subject");
    await waitFor(() => expect(subject.value).not.toBe(""));
    await user.type(subject, "!{Escape}");
    await user.click(await screen.findByText("Keep typing"));
    expect(subject.value).toMatch(/!$/);
    await user.type(subject, "{Backspace}{Escape}");
    await waitFor(() => expect(dialog).not.toBeInTheDocument());
    expect(screen.queryByTestId("ask-yes")).toBeNull();
  });

  test("the server is asked for once, tried by a test, and its password is not shown again", async () => {
    await open({}, "settings");
    const part = await screen.findByTestId("mail-server");
    await user.type(within(part).getByLabelText("Mail server"), "smtp.salon.example");
    await user.selectOptions(within(part).getByLabelText("Encryption"), "starttls");
    expect(within(part).getByLabelText<HTMLInputElement>("Port").value).toBe("587");
    await user.type(within(part).getByLabelText("User"), "salon");
    await user.type(within(part).getByLabelText("Password"), "secret");
    await user.type(within(part).getByLabelText("Sender’s address"), "hello@salon.example");
    expect(await complaints()).toEqual([]);
    await user.click(within(part).getByTestId("mail-test"));
    await within(part).findByText(/took the test for hello@salon.example/);
    expect(asks("set_mail_server")[0]).toMatchObject({
      host: "smtp.salon.example",
      port: 587,
      security: "starttls",
      user: "salon",
    });
    expect(within(part).getByLabelText<HTMLInputElement>("Password").value).toBe("");
    expect(within(part).getByLabelText("Password")).toHaveAttribute("placeholder", "kept in the keyring");
  });

  test("a text without the code can't be kept, and ours comes back", async () => {
    await open({}, "settings");
    const part = await screen.findByTestId("message-texts");
    await user.click(within(part).getByText("SMS"));
    const text = within(part).getByLabelText<HTMLTextAreaElement>("Text");
    await waitFor(() => expect(text.value).toContain("{code}"));
    await user.clear(text);
    await user.type(text, "Come in");
    await within(part).findByText(/does not say the code/);
    expect(within(part).getByTestId("text-save")).toBeDisabled();
    await user.click(within(part).getByText("{code}"));
    await within(part).findByText(/Come inK7MQ-4RTX/);
    await waitFor(() => expect(within(part).getByTestId("text-save")).toBeEnabled());
    await user.click(within(part).getByTestId("text-save"));
    await within(part).findByText("Back to the text that came with Counterfoil");
    expect(asks("set_message_text")[0]).toMatchObject({
      channel: "sms",
      language: "en",
      body: "Come in{code}",
    });
  });
});

describe("scanning", () => {
  test("a link that opened the window lands at the counter", async () => {
    leave();
    await open({}, "leads");
    desk.send.opened = "counterfoil:K7MQ-4RTX";
    const { emit } = await import("@tauri-apps/api/event");
    await emit("opened");
    await waitFor(() => expect(asks("check").map((ask) => ask["code"])).toContain("counterfoil:K7MQ-4RTX"));
    expect(desk.send.opened).toBeNull();
  });

  test("the camera asks once, says when there is none, and is off when the page closes", async () => {
    localStorage.removeItem("camera-asked");
    const stop = vi.fn();
    const found = vi.fn(() => Promise.resolve({ getTracks: () => [{ stop }] } as unknown as MediaStream));
    const missing = vi.fn(() => Promise.reject(Object.assign(new Error("none"), { name: "NotFoundError" })));
    vi.stubGlobal("navigator", Object.assign(navigator, { mediaDevices: { getUserMedia: missing } }));
    HTMLMediaElement.prototype.play = () => Promise.resolve();
    await open();
    await user.click(await screen.findByTestId("camera-open"));
    expect(missing).not.toHaveBeenCalled();
    expect(await complaints()).toEqual([]);
    await user.click(await screen.findByTestId("camera-agree"));
    await screen.findByText(/No camera was found/);
    await user.keyboard("{Escape}");
    Object.assign(navigator, { mediaDevices: { getUserMedia: found } });
    await user.click(screen.getByTestId("camera-open"));
    await waitFor(() => expect(found).toHaveBeenCalledWith(expect.objectContaining({ audio: false })));
    expect(screen.queryByTestId("camera-agree")).toBeNull();
    await user.keyboard("{Escape}");
    await waitFor(() => expect(stop).toHaveBeenCalled());
  });

  test("a card that the camera sees is asked about at the counter, and the camera is off", async () => {
    localStorage.setItem("camera-asked", "yes");
    const stop = vi.fn();
    const getUserMedia = () =>
      Promise.resolve(Object.assign(new MediaStream(), { getTracks: () => [{ stop }] }));
    vi.stubGlobal("navigator", Object.assign(navigator, { mediaDevices: { getUserMedia } }));
    HTMLMediaElement.prototype.play = () => Promise.resolve();
    const seen = vi.mocked(findCode).mockClear();
    // Nothing yet, a picture that can't be read, the card, and what nobody may look at any more.
    seen.mockResolvedValueOnce(null).mockRejectedValueOnce(new Error("torn"));
    seen.mockResolvedValueOnce("counterfoil:K7MQ-4RTX?batch=12").mockResolvedValueOnce("counterfoil:OTHER");
    await open();
    await user.click(await screen.findByTestId("camera-open"));
    await waitFor(() => expect(asks("check")).not.toHaveLength(0));
    await waitFor(() => expect(screen.queryByTestId("camera")).toBeNull());
    await waitFor(() => expect(screen.getByTestId("order-field")).toHaveFocus());
    expect(stop).toHaveBeenCalled();
    expect(seen).toHaveBeenCalledTimes(3);
    expect(screen.getByTestId<HTMLInputElement>("code-field").value).toBe("K7MQ-4RTX");
    expect(new Set(asks("check").map((ask) => ask["code"]))).toEqual(
      new Set(["counterfoil:K7MQ-4RTX?batch=12"]),
    );
    seen.mockReset().mockResolvedValue(null);
  });

  test("a picture of a card is read, one without is not", async () => {
    const text = "https://salon.example/jane?code=K7MQ-4RTX&batch=12";
    const modules = encodeQR(text, "raw", { border: 4 });
    const scale = 5;
    const size = modules.length * scale;
    const data = new Uint8ClampedArray(size * size * 4).fill(255);
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const dark = modules[Math.floor(y / scale)]![Math.floor(x / scale)];
        if (dark) data.fill(30, (y * size + x) * 4, (y * size + x) * 4 + 3);
      }
    }
    expect(await readCode({ width: size, height: size, data })).toBe(text);
    expect(await readCode({ width: 64, height: 64, data: new Uint8ClampedArray(64 * 64 * 4) })).toBeNull();
  });
});

describe("by keys alone", () => {
  /** Tabs on to what this finds, as somebody without a mouse does. */
  async function tabTo(find: () => HTMLElement): Promise<void> {
    for (let keys = 0; keys < 120; keys++) {
      if (document.activeElement === find()) return;
      await user.tab();
    }
    throw new Error(`not reached by Tab: ${find().outerHTML.slice(0, 200)}`);
  }

  async function retype(text: string): Promise<void> {
    const field = document.activeElement as HTMLInputElement | HTMLTextAreaElement;
    field.select();
    // What stands in braces is a key's name to the keyboard.
    await user.keyboard(text.replaceAll("{", "{{").replaceAll("[", "[["));
  }

  test("one text goes to everybody with an address", async () => {
    await open({ mail: "ready" }, "referrers");
    await screen.findByTestId("mail-many-open");
    await tabTo(() => screen.getByTestId("mail-many-open"));
    await user.keyboard("{Enter}");
    const dialog = await screen.findByTestId("mail-many");
    const subject = within(dialog).getByLabelText<HTMLInputElement>("Subject");
    await waitFor(() => expect(subject.value).not.toBe(""));
    await tabTo(() => within(dialog).getByText("Whoever has not got their code yet"));
    await user.keyboard("{ArrowRight}");
    const all = within(dialog).getByText("Everybody with an e-mail address");
    await waitFor(() => expect(all).toHaveAttribute("aria-checked", "true"));
    await tabTo(() => subject);
    await retype("A code for you");
    await tabTo(() => within(dialog).getByTestId("mail-many-send"));
    await user.keyboard("{Enter}");
    await waitFor(() => expect(asks("begin_mailing")).toHaveLength(1));
    expect(asks("begin_mailing")[0]).toMatchObject({ to: { kind: "all" }, subject: "A code for you" });
    await within(dialog).findByText(/^\d+ sent$/);
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByTestId("mail-many")).toBeNull());
  });

  test("a text of the shop's own is written for a language and channel, and ours brought back", async () => {
    await open({}, "settings");
    const part = await screen.findByTestId("message-texts");
    await tabTo(() => within(part).getByText("SMS"));
    await user.keyboard("{Enter}");
    await tabTo(() => within(part).getByText("Deutsch"));
    await user.keyboard("{Enter}");
    const text = within(part).getByLabelText<HTMLTextAreaElement>("Text");
    await waitFor(() => expect(text.value).toContain("{code}"));
    await tabTo(() => text);
    await retype("Servus {name}: {code}");
    await within(part).findByText("Servus Jane Doyle: K7MQ-4RTX");
    await tabTo(() => within(part).getByTestId("text-save"));
    await user.keyboard("{Enter}");
    const back = await within(part).findByText("Back to the text that came with Counterfoil");
    expect(asks("set_message_text")).toEqual([
      { channel: "sms", language: "de", subject: "", body: "Servus {name}: {code}" },
    ]);
    await tabTo(() => back);
    await user.keyboard("{Enter}");
    await waitFor(() => expect(back).not.toBeInTheDocument());
    const reset = desk.calls.filter(({ command }) => command === "reset_message_text");
    expect(reset.map(({ args }) => args)).toMatchObject([{ channel: "sms", language: "de" }]);
  });

  test("the cards' look: headline, name, colour", async () => {
    await open({}, "cards");
    const headline = await screen.findByLabelText("Headline");
    await tabTo(() => headline);
    await retype("For my friends");
    await tabTo(() => screen.getByRole("switch", { name: "Name of who recommends" }));
    await user.keyboard(" ");
    await tabTo(() => screen.getByLabelText("Colour"));
    await retype("#aa2200");
    await user.tab();
    await waitFor(() =>
      expect(asks("set_brand").at(-1)).toMatchObject({
        headline: "For my friends",
        show_name: false,
        accent: "#aa2200",
      }),
    );
  });
});
