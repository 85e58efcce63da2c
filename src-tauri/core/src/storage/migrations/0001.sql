-- The first schema. Ids are UUIDv7 made at the till (16 bytes); `n` is the row's number in this file and never leaves it.
-- Moments are milliseconds since 1970 in UTC, days are YYYY-MM-DD in the store's time zone, amounts are minor units.
-- Tables with many rows check their words by OR: for an IN of three words or more SQLite builds a table at each statement.

CREATE TABLE shop (
  n            INTEGER PRIMARY KEY CHECK (n = 1),
  name         TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  timezone     TEXT    NOT NULL,
  country      TEXT    CHECK (length(country) = 2),
  till_id      BLOB    NOT NULL CHECK (length(till_id) = 16),
  till         TEXT    NOT NULL,
  campaign_n   INTEGER NOT NULL REFERENCES campaign (n) DEFERRABLE INITIALLY DEFERRED,
  language     TEXT    NOT NULL,
  look         TEXT    NOT NULL DEFAULT 'system' CHECK (look IN ('system', 'light', 'dark')),
  customer_key BLOB    NOT NULL CHECK (length(customer_key) = 32),
  created_at   INTEGER NOT NULL
) STRICT;

CREATE TABLE staff (
  n          INTEGER PRIMARY KEY,
  id         BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
  name       TEXT    NOT NULL,
  role       TEXT    NOT NULL CHECK (role IN ('counter', 'rep', 'manager')),
  pin_hash   TEXT,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE coupon (
  n          INTEGER PRIMARY KEY,
  id         BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
  percent    INTEGER CHECK (percent BETWEEN 1 AND 10000),          -- hundredths of a percent
  amount     INTEGER CHECK (amount > 0),
  currency   TEXT    NOT NULL CHECK (length(currency) = 3),
  duration   TEXT    NOT NULL CHECK (duration IN ('once', 'forever', 'repeating')),
  months     INTEGER CHECK (months > 0),
  created_at INTEGER NOT NULL,
  CHECK ((percent IS NULL) <> (amount IS NULL)),
  CHECK ((duration = 'repeating') = (months IS NOT NULL))
) STRICT;
CREATE TRIGGER coupon_is_immutable BEFORE UPDATE ON coupon BEGIN SELECT raise(ABORT, 'a coupon never changes'); END;

-- Frozen rules are shared by all codes that were generated under them.
CREATE TABLE code_rules (
  n               INTEGER PRIMARY KEY,
  first_time_only INTEGER NOT NULL CHECK (first_time_only IN (0, 1)),
  redemptions_max INTEGER CHECK (redemptions_max > 0),
  starts          TEXT,
  expires         TEXT,
  order_min       INTEGER CHECK (order_min > 0)
) STRICT;
CREATE TRIGGER code_rules_are_immutable BEFORE UPDATE ON code_rules BEGIN SELECT raise(ABORT, 'rules on codes never change'); END;

CREATE TABLE campaign (
  n              INTEGER PRIMARY KEY,
  id             BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
  name           TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  currency       TEXT    NOT NULL CHECK (length(currency) = 3),
  code_prefix    TEXT    NOT NULL DEFAULT '',
  code_symbols   INTEGER NOT NULL DEFAULT 8 CHECK (code_symbols BETWEEN 6 AND 12),
  coupon_n       INTEGER REFERENCES coupon (n),
  code_rules_n   INTEGER NOT NULL REFERENCES code_rules (n),
  qualify_on_use INTEGER NOT NULL DEFAULT 1 CHECK (qualify_on_use IN (0, 1)),
  created_at     INTEGER NOT NULL
) STRICT;

CREATE TABLE referrer (
  n          INTEGER PRIMARY KEY,
  id         BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
  name       TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  email      TEXT,
  email_key  TEXT    UNIQUE,
  phone      TEXT,
  phone_key  TEXT    UNIQUE,
  link       TEXT,
  created_at INTEGER NOT NULL,
  CHECK (email IS NOT NULL OR phone IS NOT NULL),
  CHECK ((email IS NULL) = (email_key IS NULL)),
  CHECK (phone_key IS NULL OR phone IS NOT NULL)
) STRICT;
-- The last four digits are what people remember of a number.
CREATE INDEX referrer_phone_end ON referrer (substr(phone_key, -4)) WHERE phone_key IS NOT NULL;

CREATE TABLE referral_code (
  n             INTEGER PRIMARY KEY,
  campaign_n    INTEGER NOT NULL REFERENCES campaign (n),
  referrer_n    INTEGER NOT NULL REFERENCES referrer (n),
  text          TEXT    NOT NULL CHECK (length(text) BETWEEN 3 AND 60),
  key           TEXT    NOT NULL,
  code_rules_n  INTEGER NOT NULL REFERENCES code_rules (n),
  coupon_n      INTEGER REFERENCES coupon (n),                       -- NULL: the campaign's, whatever it is when the code is used
  alias         TEXT,                                                -- of this campaign's format, for a code that nobody can read aloud
  alias_key     TEXT,
  generated     INTEGER NOT NULL CHECK (generated IN (0, 1)),
  revoked_at    INTEGER,
  revoke_reason TEXT,                                                -- as it was typed: it may name somebody, so it can be erased
  uses          INTEGER NOT NULL DEFAULT 0 CHECK (uses >= 0),        -- Redemptions that were not voided; `verify` counts them anew
  created_at    INTEGER NOT NULL,
  CHECK (revoked_at IS NOT NULL OR revoke_reason IS NULL),
  CHECK ((alias IS NULL) = (alias_key IS NULL)),
  UNIQUE (campaign_n, key)
) STRICT;
CREATE UNIQUE INDEX referral_code_one_active ON referral_code (referrer_n, campaign_n) WHERE revoked_at IS NULL;
CREATE INDEX referral_code_of_referrer ON referral_code (referrer_n);
CREATE UNIQUE INDEX referral_code_alias ON referral_code (campaign_n, alias_key) WHERE alias_key IS NOT NULL;
CREATE INDEX referral_code_end ON referral_code (substr(key, -4));
-- Only codes from elsewhere contain symbols that look alike; generated ones are unfolded by their check symbol.
CREATE INDEX referral_code_look_alike ON referral_code (replace(replace(replace(key, 'O', '0'), 'I', '1'), 'L', '1')) WHERE generated = 0;

-- What another system calls somebody's code: whoever gives it means the one that they have here.
CREATE TABLE code_elsewhere (
  campaign_n INTEGER NOT NULL REFERENCES campaign (n),
  referrer_n INTEGER NOT NULL REFERENCES referrer (n) ON DELETE CASCADE,
  text       TEXT    NOT NULL CHECK (length(text) BETWEEN 3 AND 60),
  key        TEXT    NOT NULL,
  PRIMARY KEY (referrer_n, campaign_n)
) STRICT, WITHOUT ROWID;
CREATE INDEX code_elsewhere_key ON code_elsewhere (campaign_n, key);
CREATE INDEX code_elsewhere_look_alike ON code_elsewhere (campaign_n, replace(replace(replace(key, 'O', '0'), 'I', '1'), 'L', '1'));

CREATE TABLE lead (
  n          INTEGER PRIMARY KEY,
  id         BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
  campaign_n INTEGER NOT NULL REFERENCES campaign (n),
  referrer_n INTEGER NOT NULL REFERENCES referrer (n),
  name       TEXT    NOT NULL CHECK (length(name) <= 200),
  email      TEXT,
  email_key  TEXT,
  phone      TEXT,
  phone_key  TEXT,
  state      TEXT    NOT NULL CHECK (state = 'pending' OR state = 'qualified' OR state = 'disqualified'),
  why        TEXT,
  source     TEXT    NOT NULL CHECK (source IN ('code', 'phone')),
  note       TEXT,
  call_back  TEXT,
  created_at INTEGER NOT NULL,
  CHECK ((email IS NULL) = (email_key IS NULL)),
  UNIQUE (campaign_n, email_key),
  UNIQUE (campaign_n, phone_key)
) STRICT;
CREATE INDEX lead_of_referrer ON lead (referrer_n);

CREATE TABLE redemption (
  n             INTEGER PRIMARY KEY,
  id            BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
  op            BLOB    NOT NULL CHECK (length(op) = 16),          -- unique in `operation`
  code_n        INTEGER NOT NULL REFERENCES referral_code (n),
  lead_n        INTEGER NOT NULL REFERENCES lead (n),
  coupon_n      INTEGER REFERENCES coupon (n),
  order_total   INTEGER NOT NULL CHECK (order_total >= 0),
  discount      INTEGER NOT NULL CHECK (discount BETWEEN 0 AND order_total),
  paid          INTEGER NOT NULL CHECK (paid = order_total - discount),
  currency      TEXT    NOT NULL CHECK (length(currency) = 3),
  reference     TEXT,
  override_by   TEXT,
  override_note TEXT,
  overridden    TEXT,                                              -- the reasons that a manager said yes to, by name
  refunded      INTEGER NOT NULL DEFAULT 0 CHECK (refunded BETWEEN 0 AND paid),
  voided_at     INTEGER,
  void_reason   TEXT,
  source        TEXT    NOT NULL DEFAULT 'till' CHECK (source IN ('till', 'stripe')),
  disputed_at   INTEGER,
  run_n         INTEGER REFERENCES print_run (n),                  -- the batch of the card that was scanned
  till_id       BLOB    NOT NULL,
  at            INTEGER NOT NULL,
  day           TEXT    NOT NULL,
  CHECK ((voided_at IS NULL) = (void_reason IS NULL)),
  CHECK ((override_by IS NULL) = (override_note IS NULL))
) STRICT;
CREATE INDEX redemption_of_code ON redemption (code_n);
CREATE INDEX redemption_of_lead ON redemption (lead_n);
CREATE INDEX redemption_of_run ON redemption (run_n, code_n) WHERE run_n IS NOT NULL;

CREATE TABLE refund (
  n            INTEGER PRIMARY KEY,
  id           BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
  op           BLOB    NOT NULL UNIQUE CHECK (length(op) = 16),
  redemption_n INTEGER NOT NULL REFERENCES redemption (n),
  amount       INTEGER NOT NULL CHECK (amount <> 0), -- below zero: a refund failed, and the money did not go back
  reason       TEXT    NOT NULL,
  at           INTEGER NOT NULL
) STRICT;
CREATE INDEX refund_of_redemption ON refund (redemption_n);

-- What only a person can decide: somebody else's Lead, a limit that was overrun, a code that another uses.
CREATE TABLE conflict (
  n            INTEGER PRIMARY KEY,
  id           BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
  kind         TEXT    NOT NULL CHECK (kind IN ('claimed', 'lead_elsewhere', 'limit_overrun', 'code_clash')),
  destination  TEXT,                                               -- none: here
  lead_n       INTEGER REFERENCES lead (n),
  claimed_by_n INTEGER REFERENCES referrer (n),
  code_n       INTEGER REFERENCES referral_code (n),
  redemption_n INTEGER REFERENCES redemption (n),
  detail       TEXT    NOT NULL DEFAULT '{}' CHECK (json_valid(detail)),
  at           INTEGER NOT NULL,
  decided_at   INTEGER,
  decision     TEXT,
  CHECK ((decided_at IS NULL) = (decision IS NULL)),
  CHECK (lead_n IS NOT NULL OR code_n IS NOT NULL)
) STRICT;
CREATE INDEX conflict_of_lead ON conflict (lead_n);
CREATE INDEX conflict_open ON conflict (kind) WHERE decided_at IS NULL;

CREATE TABLE reward (
  n          INTEGER PRIMARY KEY,
  id         BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
  lead_n     INTEGER NOT NULL REFERENCES lead (n),
  receiver   TEXT    NOT NULL CHECK (receiver IN ('referrer', 'lead')),
  amount     INTEGER NOT NULL CHECK (amount > 0),
  currency   TEXT    NOT NULL CHECK (length(currency) = 3),
  state      TEXT    NOT NULL CHECK (state IN ('due', 'issued', 'cancelled', 'reversed')),
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX reward_of_lead ON reward (lead_n);

-- One printing of cards. Its row number stands on them, and is never given a second time.
CREATE TABLE print_run (
  n          INTEGER PRIMARY KEY AUTOINCREMENT,
  id         BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
  campaign_n INTEGER NOT NULL REFERENCES campaign (n),
  template   TEXT    NOT NULL CHECK (length(template) BETWEEN 1 AND 40),
  sheet      TEXT    NOT NULL CHECK (sheet IN ('a4', 'letter', 'own')),
  show       TEXT    NOT NULL CHECK (show IN ('code', 'link', 'both')),
  cards      INTEGER NOT NULL CHECK (cards > 0),
  place      TEXT    CHECK (length(place) BETWEEN 1 AND 100),      -- where the cards are for
  printed_by TEXT    CHECK (length(printed_by) BETWEEN 1 AND 100),
  at         INTEGER NOT NULL,
  marked     TEXT    CHECK (marked IN ('handed_out', 'lost', 'used_up')),  -- the last mark on all of it, which can be taken back
  marked_at  INTEGER,
  on_paper   INTEGER NOT NULL DEFAULT 0 CHECK (on_paper IN (0, 1)), -- not before the file or the printer has all of it
  CHECK ((marked IS NULL) = (marked_at IS NULL))
) STRICT;

CREATE TABLE card (
  n            INTEGER PRIMARY KEY,
  id           BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
  run_n        INTEGER NOT NULL REFERENCES print_run (n),
  code_n       INTEGER NOT NULL REFERENCES referral_code (n),
  state        TEXT    NOT NULL DEFAULT 'printed' CHECK (state = 'printed' OR state = 'handed_out' OR state = 'lost' OR state = 'used_up'),
  state_before TEXT    NOT NULL DEFAULT 'printed' CHECK (
    state_before = 'printed' OR state_before = 'handed_out' OR state_before = 'lost' OR state_before = 'used_up'),
  state_at     INTEGER NOT NULL,
  state_by     TEXT    CHECK (length(state_by) BETWEEN 1 AND 100),
  handout_n    INTEGER REFERENCES handout (n)                      -- what was recorded when it was handed out
) STRICT;
CREATE INDEX card_of_run ON card (run_n, state);
-- The till asks of every code whether its card is lost: one step each, however many cards it has.
CREATE INDEX card_lost ON card (code_n, run_n) WHERE state = 'lost';
CREATE INDEX card_safe ON card (code_n, run_n) WHERE state <> 'lost';

CREATE TABLE handout (
  n         INTEGER PRIMARY KEY,
  id        BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
  op        BLOB    UNIQUE CHECK (length(op) = 16),                -- none where a whole batch was handed out at once
  code_n    INTEGER NOT NULL REFERENCES referral_code (n),
  how       TEXT    NOT NULL CHECK (how = 'screen' OR how = 'card' OR how = 'slip' OR how = 'message' OR how = 'spoken'),
  place     TEXT    CHECK (length(place) BETWEEN 1 AND 100),
  handed_by TEXT    CHECK (length(handed_by) BETWEEN 1 AND 100),
  run_n     INTEGER REFERENCES print_run (n),
  at        INTEGER NOT NULL
) STRICT;
CREATE INDEX handout_of_code ON handout (code_n);
CREATE INDEX handout_of_run ON handout (run_n) WHERE run_n IS NOT NULL;

-- How the shop's cards look. No row: as a new shop's.
CREATE TABLE brand (
  n           INTEGER PRIMARY KEY CHECK (n = 1),
  accent      TEXT    NOT NULL CHECK (length(accent) = 7),           -- #rrggbb
  headline    TEXT,                                                  -- none: the product's own
  small_print TEXT    NOT NULL,
  show_name   INTEGER NOT NULL CHECK (show_name IN (0, 1)),
  logo        BLOB,                                                  -- the file as it was
  logo_kind   TEXT    CHECK (logo_kind IN ('png', 'svg')),
  CHECK ((logo IS NULL) = (logo_kind IS NULL))
) STRICT;

-- People who bought before the shop used Counterfoil: HMAC-SHA-256 of e-mail or phone, never the contact itself.
CREATE TABLE known_customer (hash BLOB PRIMARY KEY CHECK (length(hash) = 32)) STRICT, WITHOUT ROWID;

-- With which contacts a sale was made that its Lead does not keep: a second phone, another address. Hashed as existing customers
-- are, so that nobody buys for the first time twice. The contacts that a Lead keeps stand with the Lead.
CREATE TABLE redemption_contact (
  hash         BLOB    NOT NULL CHECK (length(hash) = 32),
  redemption_n INTEGER NOT NULL REFERENCES redemption (n),
  PRIMARY KEY (hash, redemption_n)
) STRICT, WITHOUT ROWID;

-- What each operation did: asked again, it answers the same and does nothing.
CREATE TABLE operation (
  op      BLOB PRIMARY KEY CHECK (length(op) = 16),
  what    TEXT    NOT NULL,
  ask     BLOB    NOT NULL CHECK (length(ask) = 32),               -- SHA-256 of what was asked
  subject BLOB    NOT NULL CHECK (length(subject) = 16),
  at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Every change, in order. Each entry holds the hash of the one before it; no names or contacts, so that people can be erased.
CREATE TABLE audit (
  n       INTEGER PRIMARY KEY,                                     -- without gaps; with `till_id` it names the entry everywhere
  till_id BLOB    NOT NULL CHECK (length(till_id) = 16),
  at      INTEGER NOT NULL,
  what    TEXT    NOT NULL,
  subject BLOB    NOT NULL CHECK (length(subject) = 16),
  detail  TEXT    NOT NULL CHECK (json_valid(detail)),
  hash    BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;
-- Of edits alone the trail is asked by person; all else has tables of its own.
CREATE INDEX audit_of_edits ON audit (subject) WHERE what = 'referrer_edited';
CREATE TRIGGER audit_stays_as_written BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'the audit trail never changes'); END;
CREATE TRIGGER audit_stays BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'the audit trail never changes'); END;

-- What must still be uploaded: one row a destination and change. Changes about the same thing go up together, as how it stands then.
CREATE TABLE outbox (
  n           INTEGER PRIMARY KEY,
  destination TEXT    NOT NULL CHECK (destination IN ('stripe', 'referral_factory')),
  what        TEXT    NOT NULL CHECK (
    what = 'lead' OR what = 'redemption' OR what = 'void' OR what = 'refund' OR what = 'referrer' OR what = 'code' OR what = 'coupon'),
  subject     BLOB    NOT NULL CHECK (length(subject) = 16),       -- what was recorded
  about       BLOB    NOT NULL CHECK (length(about) = 16),         -- the Lead, Referrer, ReferralCode or Coupon that it changes
  state       TEXT    NOT NULL DEFAULT 'waiting' CHECK (
    state = 'waiting' OR state = 'sending' OR state = 'uploaded' OR state = 'parked' OR state = 'conflict' OR state = 'needs_a_person'),
  why         TEXT,                                                -- what a parked entry lacks; what a person must decide
  after       BLOB,                                                -- not before the upload about this one is settled
  upload_n    INTEGER REFERENCES upload (n),                       -- what carries it, or carried it
  by_file_at  INTEGER,                                             -- a person handed it over in a file
  created_at  INTEGER NOT NULL,
  CHECK ((state = 'parked' OR state = 'conflict' OR state = 'needs_a_person') = (why IS NOT NULL))
) STRICT;
CREATE INDEX outbox_due ON outbox (destination, n) WHERE state = 'waiting' AND after IS NULL;
-- SQLite takes it only where a statement says so itself: that what waits is not uploaded it does not see.
CREATE INDEX outbox_open ON outbox (about, destination, state) WHERE state <> 'uploaded';
CREATE INDEX outbox_after ON outbox (after) WHERE after IS NOT NULL;

-- How many of them are uploaded: counted as it happens, since counting all that ever were takes longer with every sale.
CREATE TABLE uploaded (
  destination TEXT    PRIMARY KEY CHECK (destination IN ('stripe', 'referral_factory')),
  entries     INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
INSERT INTO uploaded (destination) VALUES ('stripe'), ('referral_factory');
CREATE TRIGGER outbox_is_counted AFTER UPDATE OF state ON outbox WHEN (old.state = 'uploaded') <> (new.state = 'uploaded')
BEGIN UPDATE uploaded SET entries = entries + iif(new.state = 'uploaded', 1, -1) WHERE destination = new.destination; END;

-- What carries entries about one thing to one destination. The exact call and its key stand here before it is first sent.
CREATE TABLE upload (
  n             INTEGER PRIMARY KEY,
  destination   TEXT    NOT NULL,
  kind          TEXT    NOT NULL CHECK (kind = 'lead' OR kind = 'referrer' OR kind = 'code' OR kind = 'coupon'),
  about         BLOB    NOT NULL CHECK (length(about) = 16),
  call          TEXT    NOT NULL CHECK (call = '' OR json_valid(call)),  -- emptied once settled: it holds people's data
  tries         INTEGER NOT NULL DEFAULT 0,                        -- of this call
  due_at        INTEGER NOT NULL,
  first_sent_at INTEGER,                                           -- of this call
  made_at       INTEGER NOT NULL,
  settled_at    INTEGER
) STRICT;
CREATE UNIQUE INDEX upload_open ON upload (destination, about) WHERE settled_at IS NULL;
CREATE INDEX upload_about ON upload (about);

-- Every try, for the person who asks what happened. No keys, no contacts.
CREATE TABLE attempt (
  n          INTEGER PRIMARY KEY,
  upload_n   INTEGER NOT NULL REFERENCES upload (n),
  at         INTEGER NOT NULL,
  call       TEXT    NOT NULL,
  status     INTEGER,                                              -- HTTP; none when nothing answered
  request_id TEXT,
  said       TEXT
) STRICT;
CREATE INDEX attempt_of_upload ON attempt (upload_n);

-- What a destination calls a thing of ours, and what it was last told or told us.
CREATE TABLE remote (
  destination TEXT NOT NULL,
  about       BLOB NOT NULL CHECK (length(about) = 16),
  id          TEXT,
  facts       TEXT NOT NULL CHECK (json_valid(facts)),
  PRIMARY KEY (destination, about)
) STRICT, WITHOUT ROWID;
-- Not unique: a Lead and a Referrer may be one person there. No two of a kind are (set_remote).
CREATE INDEX remote_id ON remote (destination, id) WHERE id IS NOT NULL;
-- Who went by file, by the address of then.
CREATE INDEX remote_email ON remote (destination, lower(facts ->> 'email')) WHERE id IS NULL;
-- What files did not say, for the day that the API is there.
CREATE INDEX remote_untold ON remote (destination) WHERE facts ->> 'untold';

-- What the last file of each kind for Referral Factory held, until a person says that it was uploaded.
CREATE TABLE handover (
  kind   INTEGER PRIMARY KEY,
  newest INTEGER NOT NULL,  -- entry of the Outbox: what was recorded after it is not in the file
  held   BLOB    NOT NULL CHECK (length(held) % 16 = 0)  -- the ids of who is in it, one after the other
) STRICT;

-- What it called the thing before: somebody deleted the coupon of a promotion code, and the code got another one. What was paid with
-- the first may come back late.
CREATE TABLE remote_before (
  destination TEXT NOT NULL,
  id          TEXT NOT NULL,
  about       BLOB NOT NULL CHECK (length(about) = 16),
  PRIMARY KEY (destination, id)
) STRICT, WITHOUT ROWID;

-- A destination that this shop is or was connected to. The key itself lies in the keyring.
CREATE TABLE destination (
  name         TEXT    PRIMARY KEY CHECK (name IN ('stripe', 'referral_factory')),
  account      TEXT,                                               -- Stripe: test or live; Referral Factory: the campaign's id
  settings     TEXT    NOT NULL DEFAULT '{}' CHECK (json_valid(settings)),
  connected_at INTEGER,
  refused      TEXT,                                               -- why nothing is sent until a person acts
  refused_at   INTEGER,
  pull         TEXT    NOT NULL DEFAULT '{}' CHECK (json_valid(pull)),  -- how far what happened there was brought back
  pulled_at    INTEGER,
  trouble      TEXT,                                               -- why the last bringing back ended early
  quiet_until  INTEGER,                                            -- it asked to be left alone until then
  calls_lately INTEGER NOT NULL DEFAULT 0,                         -- begun in the last second of the last round or of connecting,
  calls_at     INTEGER,                                            -- which ended then
  CHECK ((refused IS NULL) = (refused_at IS NULL))
) STRICT, WITHOUT ROWID;

-- The printer for slips at this till.
CREATE TABLE printer (
  n          INTEGER PRIMARY KEY CHECK (n = 1),
  address    TEXT    NOT NULL,
  columns    INTEGER NOT NULL CHECK (columns IN (32, 42, 48)),
  after_sale INTEGER NOT NULL CHECK (after_sale IN (0, 1))         -- a receipt slip is asked for with each sale
) STRICT;

-- Slips that were asked for. What stands on one is drawn from the records when it is printed.
CREATE TABLE slip (
  n            INTEGER PRIMARY KEY,
  id           BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),    -- the operation that asked for it
  redemption_n INTEGER UNIQUE REFERENCES redemption (n),           -- a receipt, or else somebody's code
  code_n       INTEGER REFERENCES referral_code (n),
  by           TEXT    CHECK (length(by) BETWEEN 1 AND 100),       -- who hands it over
  state        TEXT    NOT NULL DEFAULT 'waiting' CHECK (state = 'waiting' OR state = 'printed' OR state = 'dropped'),
  copies       INTEGER NOT NULL DEFAULT 0 CHECK (copies >= 0),     -- how often it is on paper, or may be
  begun_at     INTEGER,                                            -- on its way to a printer since then; stays after a crash
  trouble      TEXT,                                               -- why the last try failed
  at           INTEGER NOT NULL,
  CHECK ((redemption_n IS NULL) <> (code_n IS NULL))
) STRICT;
CREATE INDEX slip_waiting ON slip (n) WHERE state = 'waiting';
-- The texts in which a shop writes to its Referrers, where they differ from ours.
CREATE TABLE message_text (
  language TEXT NOT NULL,
  channel  TEXT NOT NULL CHECK (channel IN ('email', 'sms', 'whatsapp', 'copy')),
  subject  TEXT NOT NULL,
  body     TEXT NOT NULL,
  PRIMARY KEY (language, channel)
) STRICT, WITHOUT ROWID;

-- Where the shop hands its e-mails in. The password lies in the keyring.
CREATE TABLE mail_server (
  n            INTEGER PRIMARY KEY CHECK (n = 1),
  host         TEXT    NOT NULL,
  port         INTEGER NOT NULL CHECK (port BETWEEN 1 AND 65535),
  security     TEXT    NOT NULL CHECK (security IN ('tls', 'starttls', 'plain')),
  user         TEXT,
  from_name    TEXT    NOT NULL,
  from_address TEXT    NOT NULL
) STRICT;

-- One text, sent to one or many. Its id is the operation that asked for it.
CREATE TABLE mailing (
  n         INTEGER PRIMARY KEY,
  id        BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
  language  TEXT    NOT NULL,
  subject   TEXT    NOT NULL,
  body      TEXT    NOT NULL,
  card      INTEGER NOT NULL CHECK (card IN (0, 1)),                  -- each e-mail has the person's card with it
  by        TEXT,
  at        INTEGER NOT NULL
) STRICT;

-- One e-mail to one person. It stands as `sending` before the first byte of it is sent: whoever finds it so afterwards does not
-- know what became of it, and does not send it again.
CREATE TABLE mail (
  n          INTEGER PRIMARY KEY,
  id         BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
  mailing_n  INTEGER NOT NULL REFERENCES mailing (n),
  referrer_n INTEGER NOT NULL REFERENCES referrer (n),
  address    TEXT,                                                   -- where it went, as it was then
  code_n     INTEGER REFERENCES referral_code (n),                   -- what it carried
  state      TEXT    NOT NULL CHECK (state = 'waiting' OR state = 'sending' OR state = 'sent' OR state = 'not_sent' OR state = 'unknown'),
  why        TEXT,
  said       TEXT,                                                   -- the mail server's own words
  tried_at   INTEGER,
  CHECK (state <> 'not_sent' OR why IS NOT NULL),
  UNIQUE (mailing_n, referrer_n)
) STRICT;
CREATE INDEX mail_open ON mail (mailing_n, n) WHERE state = 'waiting';
CREATE INDEX mail_on_its_way ON mail (n) WHERE state = 'sending';

-- Names as they are searched: folded words, by prefix. And each word once, to find what was meant by one that is misspelt.
CREATE VIRTUAL TABLE referrer_search USING fts5 (words, content = '', contentless_delete = 1, detail = none, prefix = '1 2 3', tokenize = 'unicode61 remove_diacritics 0');
CREATE TABLE search_word (
  word  TEXT PRIMARY KEY,
  sound TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX search_word_sound ON search_word (sound);
