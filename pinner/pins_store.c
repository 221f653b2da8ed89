// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: pins_store.h; the schema of accounts and pins, one pin's view, and pins.status kept in step with contents.
#include "pins_store.h"

#include <string.h>

#include "accounts_store.h"
#include "base/clock.h"
#include "idempotency_store.h"
#include "operator_store.h"
#include "receipts_store.h"
#include "repin_store.h"
#include "store/db.h"

// Columns that pins have from their content: those of pins.4, of pins.5, and all of them.
#define SHOWN_4                                                                                                        \
    "state, size, replicas_known, replicas, expires_at_block, checked_ms, error, order_tx, order_block, order_price,"  \
    " order_size"
#define SHOWN_5 SHOWN_4 ", order_index, order_event, order_fee"
#define SHOWN SHOWN_5 ", order_block_hash"

// No `created` twice in an account: lists are in that order. pins_status: counts and lists by status from the index
// alone. pins_content: lists by CID, and the changes of a content's state.
static const char pins_1[] =
    "CREATE TABLE pins("
    " id INTEGER PRIMARY KEY, requestid TEXT NOT NULL UNIQUE, account INTEGER NOT NULL REFERENCES accounts(id),"
    " content INTEGER NOT NULL REFERENCES contents(id), status INTEGER NOT NULL, created_ms INTEGER NOT NULL,"
    " cid TEXT NOT NULL, name TEXT, meta TEXT, origins TEXT) STRICT;"
    "CREATE UNIQUE INDEX pins_created ON pins(account, created_ms);"
    "CREATE INDEX pins_status ON pins(account, status, created_ms);"
    "CREATE INDEX pins_content ON pins(content, account);";

// The pins of an account side by side and in the order of time, so that a page is read from one place: no rowid, and no
// index for that order any more.
static const char pins_2[] =
    "CREATE TABLE pins_new("
    " account INTEGER NOT NULL REFERENCES accounts(id), created_ms INTEGER NOT NULL, requestid TEXT NOT NULL UNIQUE,"
    " content INTEGER NOT NULL REFERENCES contents(id), status INTEGER NOT NULL,"
    " cid TEXT NOT NULL, name TEXT, meta TEXT, origins TEXT, PRIMARY KEY(account, created_ms)) STRICT, WITHOUT ROWID;"
    "INSERT INTO pins_new(account, created_ms, requestid, content, status, cid, name, meta, origins)"
    " SELECT account, created_ms, requestid, content, status, cid, name, meta, origins FROM pins"
    " ORDER BY account, created_ms;"
    "DROP TABLE pins;"
    "ALTER TABLE pins_new RENAME TO pins;"
    "CREATE INDEX pins_status ON pins(account, status, created_ms);"
    "CREATE INDEX pins_content ON pins(content, account);";

// How many pins of each status an account has, in its own row: a list says the count of all pages, and an account may
// have a hundred thousand. Triggers, so that no statement that adds, removes or moves pins can forget it. A pin never
// changes its account.
static const char pins_3[] =
    "ALTER TABLE accounts ADD COLUMN queued INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE accounts ADD COLUMN pinning INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE accounts ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE accounts ADD COLUMN failed INTEGER NOT NULL DEFAULT 0;"
    "UPDATE accounts SET queued = (SELECT count(*) FROM pins WHERE account = accounts.id AND status = 0),"
    " pinning = (SELECT count(*) FROM pins WHERE account = accounts.id AND status = 1),"
    " pinned = (SELECT count(*) FROM pins WHERE account = accounts.id AND status = 2),"
    " failed = (SELECT count(*) FROM pins WHERE account = accounts.id AND status = 3);"
    "CREATE TRIGGER pins_count_new AFTER INSERT ON pins BEGIN UPDATE accounts SET queued = queued + (new.status = 0),"
    " pinning = pinning + (new.status = 1), pinned = pinned + (new.status = 2), failed = failed + (new.status = 3)"
    " WHERE id = new.account; END;"
    "CREATE TRIGGER pins_count_gone AFTER DELETE ON pins BEGIN UPDATE accounts SET queued = queued - (old.status = 0),"
    " pinning = pinning - (old.status = 1), pinned = pinned - (old.status = 2), failed = failed - (old.status = 3)"
    " WHERE id = old.account; END;"
    "CREATE TRIGGER pins_count_moved AFTER UPDATE OF status ON pins WHEN old.status <> new.status BEGIN"
    " UPDATE accounts SET queued = queued + (new.status = 0) - (old.status = 0),"
    " pinning = pinning + (new.status = 1) - (old.status = 1), pinned = pinned + (new.status = 2) - (old.status = 2),"
    " failed = failed + (new.status = 3) - (old.status = 3) WHERE id = new.account; END;";

// What a client is shown of a content stands in its pins, too: a page then reads rows that lie side by side, and not
// ten contents from all over the file, each of which the processor has to wait for. A trigger keeps it so, whoever
// changes a content.
static const char pins_4[] =
    "ALTER TABLE pins ADD COLUMN state INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE pins ADD COLUMN size INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE pins ADD COLUMN replicas_known INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE pins ADD COLUMN replicas INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE pins ADD COLUMN expires_at_block INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE pins ADD COLUMN checked_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE pins ADD COLUMN error TEXT;"
    "ALTER TABLE pins ADD COLUMN order_tx BLOB;"
    "ALTER TABLE pins ADD COLUMN order_block INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE pins ADD COLUMN order_price INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE pins ADD COLUMN order_size INTEGER NOT NULL DEFAULT 0;"
    "UPDATE pins SET (" SHOWN_4 ") = (SELECT " SHOWN_4 " FROM contents c WHERE c.id = pins.content);"
    "CREATE TRIGGER pins_shown AFTER UPDATE OF " SHOWN_4 " ON contents BEGIN UPDATE pins SET state = new.state,"
    " size = new.size, replicas_known = new.replicas_known, replicas = new.replicas,"
    " expires_at_block = new.expires_at_block, checked_ms = new.checked_ms, error = new.error,"
    " order_tx = new.order_tx, order_block = new.order_block, order_price = new.order_price,"
    " order_size = new.order_size WHERE content = new.id; END;";

// The rest of an order's receipt, but for what only the view of one pin has: lists read rows that are as short as can
// be.
static const char pins_5[] =
    "DROP TRIGGER pins_shown;"
    "ALTER TABLE pins ADD COLUMN order_index INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE pins ADD COLUMN order_event INTEGER;"
    "ALTER TABLE pins ADD COLUMN order_fee INTEGER NOT NULL DEFAULT 0;"
    "UPDATE pins SET (order_index, order_event, order_fee) = (SELECT order_index, order_event, order_fee"
    " FROM contents c WHERE c.id = pins.content);"
    "CREATE TRIGGER pins_shown AFTER UPDATE OF " SHOWN_5 " ON contents BEGIN UPDATE pins SET state = new.state,"
    " size = new.size, replicas_known = new.replicas_known, replicas = new.replicas,"
    " expires_at_block = new.expires_at_block, checked_ms = new.checked_ms, error = new.error,"
    " order_tx = new.order_tx, order_block = new.order_block, order_price = new.order_price,"
    " order_size = new.order_size, order_index = new.order_index, order_event = new.order_event,"
    " order_fee = new.order_fee WHERE content = new.id; END;";

// The rest of it, which only the view of one pin has, so that its row is all that is looked for. It stands behind the
// columns of lists, which do not look so far, and is short, for theirs are the same rows: a number for the signer, of
// which a database hardly has two.
static const char pins_6[] =
    "CREATE TABLE signers(id INTEGER PRIMARY KEY, address TEXT NOT NULL UNIQUE) STRICT;"
    "INSERT INTO signers(address) SELECT DISTINCT order_signer FROM contents WHERE order_signer IS NOT NULL;"
    "DROP TRIGGER pins_shown;"
    "ALTER TABLE pins ADD COLUMN order_block_hash BLOB;"
    "ALTER TABLE pins ADD COLUMN signer INTEGER REFERENCES signers(id);"
    "UPDATE pins SET (order_block_hash, signer) = (SELECT c.order_block_hash, s.id"
    " FROM contents c LEFT JOIN signers s ON s.address = c.order_signer WHERE c.id = pins.content);"
    "CREATE TRIGGER pins_shown AFTER UPDATE OF " SHOWN " ON contents BEGIN UPDATE pins SET state = new.state,"
    " size = new.size, replicas_known = new.replicas_known, replicas = new.replicas,"
    " expires_at_block = new.expires_at_block, checked_ms = new.checked_ms, error = new.error,"
    " order_tx = new.order_tx, order_block = new.order_block, order_price = new.order_price,"
    " order_size = new.order_size, order_index = new.order_index, order_event = new.order_event,"
    " order_fee = new.order_fee, order_block_hash = new.order_block_hash WHERE content = new.id; END;"
    "CREATE TRIGGER pins_signer AFTER UPDATE OF order_signer ON contents"
    " WHEN old.order_signer IS NOT new.order_signer BEGIN"
    " INSERT OR IGNORE INTO signers(address) SELECT new.order_signer WHERE new.order_signer IS NOT NULL;"
    " UPDATE pins SET signer = (SELECT id FROM signers WHERE address = new.order_signer) WHERE content = new.id; END;";

const struct w3p_migration w3p_pins_migrations[] = {
    {"accounts.1", w3p_accounts_1},
    {"pins.1", pins_1},
    {"pins.2", pins_2},
    {"pins.3", pins_3},
    {"operator.1", w3p_operator_1},
    {"pins.4", pins_4},
    {"orders.1", w3p_orders_1},
    {"orders.2", w3p_orders_2},
    {"idempotency.1", w3p_idempotency_1},
    {"receipts.1", w3p_receipts_1},
    {"pins.5", pins_5},
    {"repin.1", w3p_repin_1},
    {"accounts.2", w3p_accounts_2},
    {"pins.6", pins_6},
    {NULL, NULL},
};

enum w3p_pin_status w3p_pins_status_of(enum w3p_content_state state)
{
    switch (state) {
    case W3P_CONTENT_IDLE:
    case W3P_CONTENT_QUEUED:
    case W3P_CONTENT_SIGNED:
    case W3P_CONTENT_SUBMITTED:
        return W3P_PIN_QUEUED;
    case W3P_CONTENT_IN_BLOCK:
    case W3P_CONTENT_FINAL:
        return W3P_PIN_PINNING;
    case W3P_CONTENT_STORED:
    case W3P_CONTENT_RENEWING:
        return W3P_PIN_PINNED;
    case W3P_CONTENT_REJECTED:
        return W3P_PIN_FAILED;
    }
    return W3P_PIN_QUEUED; // a state that a client must not take for an end
}

int w3p_pins_content_changed(struct w3p_db *db, int64_t content_id, enum w3p_content_state state)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "UPDATE pins SET status=?2 WHERE content=?1 AND status<>?2");

    if (!stmt)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, content_id);
    sqlite3_bind_int(stmt, 2, (int)w3p_pins_status_of(state));
    return w3p_db_exec(stmt);
}

static void bind_text(sqlite3_stmt *stmt, int at, const char *text)
{
    if (text)
        sqlite3_bind_text(stmt, at, text, -1, SQLITE_STATIC);
}

int w3p_pins_row_insert(struct w3p_db *db, const struct w3p_pin_row *row)
{
    sqlite3_stmt *stmt = w3p_db_prepare(
        db, "INSERT INTO pins(requestid, account, content, status, created_ms, cid, name, meta, origins,"
            " " SHOWN ", held_until_ms, signer) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, " SHOWN ", held_until_ms,"
            " (SELECT s.id FROM signers s WHERE s.address = order_signer) FROM contents WHERE id = ?3");
    if (!stmt)
        return W3P_E_IO;
    bind_text(stmt, 1, row->requestid);
    sqlite3_bind_int64(stmt, 2, row->account_id);
    sqlite3_bind_int64(stmt, 3, row->content_id);
    sqlite3_bind_int(stmt, 4, (int)row->status);
    sqlite3_bind_int64(stmt, 5, row->created_ms);
    bind_text(stmt, 6, row->cid);
    bind_text(stmt, 7, row->name);
    bind_text(stmt, 8, row->meta);
    bind_text(stmt, 9, row->origins);
    return w3p_db_exec(stmt);
}

int w3p_pins_row_delete(struct w3p_db *db, int64_t *content_id, const char *identity, const char *requestid)
{
    sqlite3_stmt *stmt =
        w3p_db_prepare(db, "DELETE FROM pins WHERE requestid=?1 AND account=(SELECT id FROM accounts WHERE identity=?2)"
                           " RETURNING content");
    if (!stmt)
        return W3P_E_IO;
    bind_text(stmt, 1, requestid);
    bind_text(stmt, 2, identity);
    int got = w3p_db_step(stmt);
    if (got == 1)
        *content_id = sqlite3_column_int64(stmt, 0);
    int end = got == 1 ? w3p_db_exec(stmt) : got;
    sqlite3_reset(stmt);
    return got == 0 ? W3P_E_NOTFOUND : end;
}

// The texts of a row, one behind the other in one allocation.
static void read_texts(struct w3p_pin *out, sqlite3_stmt *stmt)
{
    enum { TEXTS = 5 };
    static const int columns[TEXTS] = {3, 4, 5, 6, 13};
    char **const fields[TEXTS] = {&out->cid, &out->name, &out->meta, &out->origins, &out->error};
    const void *texts[TEXTS];
    size_t lens[TEXTS], room = 0;

    for (size_t i = 0; i < TEXTS; i++) {
        texts[i] = sqlite3_column_blob(stmt, columns[i]); // as text it would be copied once more, for a NUL at its end
        lens[i] = texts[i] ? (size_t)sqlite3_column_bytes(stmt, columns[i]) : 0;
        room += lens[i] + 1;
    }
    char *at = out->texts = w3p_alloc(room, 1);
    for (size_t i = 0; i < TEXTS; i++) {
        // An empty text has no address either. Only a name may be empty; the others are JSON or sentences.
        if (!texts[i] && (fields[i] != &out->name || sqlite3_column_type(stmt, columns[i]) == SQLITE_NULL))
            continue;
        *fields[i] = at;
        if (lens[i] > 0)
            memcpy(at, texts[i], lens[i]);
        at[lens[i]] = '\0';
        at += lens[i] + 1;
    }
}

static void read_order(struct w3p_pin *out, sqlite3_stmt *stmt)
{
    memcpy(out->order_tx, sqlite3_column_blob(stmt, 14), 32);
    out->has_order = true;
    out->order_block = w3p_db_u64(stmt, 15);
    out->price_paid = w3p_db_u64(stmt, 16);
    out->order_size = w3p_db_u64(stmt, 17);
    out->order_index = w3p_db_u64(stmt, 18);
    out->has_event = sqlite3_column_type(stmt, 19) != SQLITE_NULL;
    out->order_event = w3p_db_u64(stmt, 19);
    out->fee_paid = w3p_db_u64(stmt, 20);
}

// What the view of one pin has beside that of a list.
static void read_rest(struct w3p_pin *out, sqlite3_stmt *stmt)
{
    if (!out->has_order)
        return;
    const void *signer = sqlite3_column_blob(stmt, 23);
    size_t signer_len = (size_t)sqlite3_column_bytes(stmt, 23);
    out->has_block_hash = sqlite3_column_bytes(stmt, 22) == 32;
    if (out->has_block_hash)
        memcpy(out->order_block_hash, sqlite3_column_blob(stmt, 22), 32);
    if (signer && signer_len < sizeof out->order_signer) // the rest is zero
        memcpy(out->order_signer, signer, signer_len);
}

void w3p_pins_row_read(struct w3p_pin *out, struct sqlite3_stmt *stmt)
{
    const char *requestid = sqlite3_column_blob(stmt, 0);
    size_t requestid_len = (size_t)sqlite3_column_bytes(stmt, 0);
    enum w3p_content_state state = (enum w3p_content_state)sqlite3_column_int(stmt, 7);

    *out = (struct w3p_pin){.status = (enum w3p_pin_status)sqlite3_column_int(stmt, 1),
                            .created_ms = sqlite3_column_int64(stmt, 2),
                            .details = w3p_content_state_words(state),
                            .order_size = w3p_db_u64(stmt, 8),
                            .has_replicas = sqlite3_column_int(stmt, 9) != 0,
                            .expires_at_block = w3p_db_u64(stmt, 11),
                            .checked_at_ms = sqlite3_column_int64(stmt, 12)};
    read_texts(out, stmt);
    if (requestid_len < sizeof out->requestid) // the rest is zero
        memcpy(out->requestid, requestid, requestid_len);
    if (out->has_replicas)
        out->replicas = (uint32_t)w3p_db_u64(stmt, 10);
    int64_t held_until_ms = state == W3P_CONTENT_QUEUED ? sqlite3_column_int64(stmt, 21) : 0;
    if (held_until_ms > 0 && w3p_repin_holds(held_until_ms, w3p_clock_wall_ms()))
        out->held_until_ms = held_until_ms;
    // What waits for a new order shows nothing of an old one.
    if (state == W3P_CONTENT_IDLE || state == W3P_CONTENT_QUEUED || sqlite3_column_bytes(stmt, 14) != 32)
        return;
    read_order(out, stmt);
}

static int read_pin(struct w3p_pin *out, sqlite3_stmt *stmt, int64_t account_id, const char *requestid)
{
    if (!stmt)
        return W3P_E_IO;
    bind_text(stmt, 1, requestid);
    sqlite3_bind_int64(stmt, 2, account_id);
    sqlite3_bind_int64(stmt, 3, w3p_uuid7_time(requestid));
    int got = w3p_db_step(stmt);
    if (got == 1) {
        w3p_pins_row_read(out, stmt);
        read_rest(out, stmt);
    }
    sqlite3_reset(stmt);
    return got == 1 ? W3P_OK : got == 0 ? W3P_E_NOTFOUND : W3P_E_IO;
}

#define GET                                                                                                            \
    W3P_PINS_COLUMNS ", p.order_block_hash, (SELECT s.address FROM signers s WHERE s.id = p.signer)"                   \
                     " FROM pins p WHERE p.account = ?2"

// A requestid begins with the time at which its pin was created, so the row is found in the table itself. Ids that
// gateways of before gave are some milliseconds older than their pins: those are found by the index of the ids.
int w3p_pins_get(struct w3p_db *db, struct w3p_pin *out, int64_t account_id, const char *requestid)
{
    int err =
        read_pin(out, w3p_db_prepare(db, GET " AND p.created_ms = ?3 AND +p.requestid = ?1"), account_id, requestid);
    if (err == W3P_E_NOTFOUND)
        err = read_pin(out, w3p_db_prepare(db, GET " AND p.created_ms <> ?3 AND p.requestid = ?1"), account_id,
                       requestid);
    return err;
}
