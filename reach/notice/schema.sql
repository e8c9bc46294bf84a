-- What was told to whom, on which channel, and with what outcome. Event ids rise with time, so the unique key grows at
-- its edge. No address stands here.
CREATE TABLE notices (
	id TEXT NOT NULL PRIMARY KEY,
	event_id TEXT NOT NULL CHECK (event_id <> ''),
	recipient_kind TEXT NOT NULL CHECK (recipient_kind IN ('shopper', 'shop')),
	recipient_id TEXT NOT NULL CHECK (recipient_id <> ''),
	topic TEXT NOT NULL,
	subject TEXT NOT NULL,
	seq BIGINT NOT NULL,
	facts TEXT NOT NULL,
	lang TEXT NOT NULL,
	channel TEXT NOT NULL CHECK (channel IN ('page', 'mail')),
	state TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'failed', 'skipped')),
	reason TEXT NOT NULL,
	tries BIGINT NOT NULL CHECK (tries >= 0),
	next_us BIGINT NOT NULL,
	at_us BIGINT NOT NULL,
	sent_us BIGINT NOT NULL,
	read_us BIGINT NOT NULL,
	CHECK ((state = 'sent') = (sent_us > 0)),
	CHECK ((state IN ('failed', 'skipped')) = (reason <> '')),
	CHECK (channel = 'mail' OR state = 'sent')
) /*clustered*/;
CREATE UNIQUE INDEX notices_once ON notices (event_id, subject, seq, topic, recipient_id, channel);
CREATE INDEX notices_inbox ON notices (recipient_id, id) WHERE channel = 'page';
CREATE INDEX notices_unread ON notices (recipient_id) WHERE channel = 'page' AND read_us = 0;
CREATE INDEX notices_queue ON notices (next_us, id) WHERE state = 'queued';
-- Mails that a recipient switched off, or on again. Without a row they are on.
CREATE TABLE notice_preferences (
	recipient_kind TEXT NOT NULL,
	recipient_id TEXT NOT NULL CHECK (recipient_id <> ''),
	topic TEXT NOT NULL,
	mail BOOLEAN NOT NULL,
	PRIMARY KEY (recipient_id, recipient_kind, topic)
) /*clustered*/;
