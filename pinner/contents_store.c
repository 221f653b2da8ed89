// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the schema of contents, orders and budget, and the life of a content row: wanted by a pin, wanted by one pin
// less, moved to another state, put back into the queue.
// Threads: writer jobs.  Must not: know accounts or chains; read or write the table of pins.
#include "contents.h"

#include "operator_store.h"
#include "store/db.h"

#include <string.h>

// Partial indexes, one per question that is asked at every tick, so that no tick costs more with more contents:
// what is next in the queue, what waits for replicas, what is due for another look, what expires soon.
// orders_live and orders_nonce are the last line of "never pay twice": the database itself refuses a second live order
// of a content, or a second live use of a nonce. content_counts spares /stats and the snapshot a scan.
static const char contents_1[] =
    "CREATE TABLE contents("
    " id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, cid TEXT NOT NULL, spelling INTEGER NOT NULL DEFAULT 0,"
    " state INTEGER NOT NULL, size INTEGER NOT NULL, pins INTEGER NOT NULL DEFAULT 0,"
    " order_id INTEGER REFERENCES orders(id), attempts INTEGER NOT NULL DEFAULT 0,"
    " not_before_ms INTEGER NOT NULL DEFAULT 0, chain_size INTEGER NOT NULL DEFAULT 0,"
    " replicas INTEGER NOT NULL DEFAULT 0, replicas_known INTEGER NOT NULL DEFAULT 0,"
    " expires_at_block INTEGER NOT NULL DEFAULT 0, checked_block INTEGER NOT NULL DEFAULT 0,"
    " checked_ms INTEGER NOT NULL DEFAULT 0, error TEXT, created_ms INTEGER NOT NULL,"
    " promised INTEGER NOT NULL DEFAULT 0, promised_day INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE INDEX contents_queue ON contents(not_before_ms, id) WHERE state = 1;"
    "CREATE INDEX contents_final ON contents(checked_block, id) WHERE state = 5;"
    "CREATE INDEX contents_stored ON contents(checked_block, id) WHERE state = 6;"
    "CREATE INDEX contents_renew ON contents(expires_at_block, not_before_ms, id)"
    " WHERE state = 6 AND pins > 0 AND expires_at_block > 0;"
    "CREATE TABLE orders("
    " id INTEGER PRIMARY KEY, content INTEGER NOT NULL REFERENCES contents(id), state INTEGER NOT NULL,"
    " size INTEGER NOT NULL, nonce INTEGER NOT NULL, birth_block INTEGER NOT NULL, death_block INTEGER NOT NULL,"
    " birth_hash BLOB NOT NULL, xt BLOB NOT NULL, xt_hash BLOB NOT NULL UNIQUE, block INTEGER NOT NULL DEFAULT 0,"
    " block_hash BLOB, xt_index INTEGER NOT NULL DEFAULT 0, price INTEGER NOT NULL DEFAULT 0,"
    " fee INTEGER NOT NULL DEFAULT 0, reserved INTEGER NOT NULL, day INTEGER NOT NULL, error TEXT,"
    " created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL) STRICT;"
    "CREATE UNIQUE INDEX orders_live ON orders(content) WHERE state IN (1, 2, 3);"
    "CREATE UNIQUE INDEX orders_nonce ON orders(nonce) WHERE state IN (1, 2, 3);"
    "CREATE INDEX orders_content ON orders(content, id);"
    "CREATE TABLE budget(day INTEGER PRIMARY KEY, promised INTEGER NOT NULL DEFAULT 0,"
    " spent INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE TABLE content_counts(state INTEGER PRIMARY KEY, n INTEGER NOT NULL) STRICT;"
    "CREATE TRIGGER contents_count_new AFTER INSERT ON contents BEGIN"
    " INSERT INTO content_counts(state, n) VALUES(new.state, 1) ON CONFLICT(state) DO UPDATE SET n = n + 1; END;"
    "CREATE TRIGGER contents_count_moved AFTER UPDATE OF state ON contents WHEN old.state <> new.state BEGIN"
    " UPDATE content_counts SET n = n - 1 WHERE state = old.state;"
    " INSERT INTO content_counts(state, n) VALUES(new.state, 1) ON CONFLICT(state) DO UPDATE SET n = n + 1; END;";

// What a client is shown of the newest order stands beside the content: a page of pins reads ten contents, and need not
// look for ten orders among the bytes of their extrinsics. Triggers keep it so, whoever changes an order.
static const char contents_2[] =
    "ALTER TABLE contents ADD COLUMN order_tx BLOB;"
    "ALTER TABLE contents ADD COLUMN order_block INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE contents ADD COLUMN order_price INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE contents ADD COLUMN order_size INTEGER NOT NULL DEFAULT 0;"
    "UPDATE contents SET order_tx = o.xt_hash, order_block = o.block, order_price = o.price, order_size = o.size"
    " FROM orders o WHERE o.id = contents.order_id;"
    "CREATE TRIGGER contents_order_new AFTER UPDATE OF order_id ON contents WHEN new.order_id IS NOT NULL BEGIN"
    " UPDATE contents SET order_tx = o.xt_hash, order_block = o.block, order_price = o.price, order_size = o.size"
    " FROM orders o WHERE o.id = new.order_id AND contents.id = new.id; END;"
    "CREATE TRIGGER contents_order_changed AFTER UPDATE OF xt_hash, block, price, size ON orders BEGIN"
    " UPDATE contents SET order_tx = new.xt_hash, order_block = new.block, order_price = new.price,"
    " order_size = new.size WHERE id = new.content AND order_id = new.id; END;";

// An extrinsic holds one order or several. What is signed, its nonce and its place have a table of their own; an order
// is one item of it. extrinsics_nonce is now the refusal of a second live use of a nonce. Orders of before are the only
// item of an extrinsic with their own number. The reference of contents stands aside while the table is made anew, and
// so do the triggers on it.
const char w3p_orders_1[] =
    "CREATE TABLE extrinsics("
    " id INTEGER PRIMARY KEY, state INTEGER NOT NULL, nonce INTEGER NOT NULL, birth_block INTEGER NOT NULL,"
    " death_block INTEGER NOT NULL, birth_hash BLOB NOT NULL, xt BLOB NOT NULL, xt_hash BLOB NOT NULL UNIQUE,"
    " signer TEXT, block INTEGER NOT NULL DEFAULT 0, block_hash BLOB, xt_index INTEGER NOT NULL DEFAULT 0,"
    " fee INTEGER NOT NULL DEFAULT 0, created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL) STRICT;"
    "INSERT INTO extrinsics SELECT id, state, nonce, birth_block, death_block, birth_hash, xt, xt_hash, NULL, block,"
    " block_hash, xt_index, fee, created_ms, updated_ms FROM orders;"
    "CREATE UNIQUE INDEX extrinsics_nonce ON extrinsics(nonce) WHERE state IN (1, 2, 3);"
    "CREATE TABLE orders_3("
    " id INTEGER PRIMARY KEY, content INTEGER NOT NULL REFERENCES contents(id),"
    " tx INTEGER NOT NULL REFERENCES extrinsics(id), item INTEGER NOT NULL, state INTEGER NOT NULL,"
    " size INTEGER NOT NULL, price INTEGER NOT NULL DEFAULT 0, fee INTEGER NOT NULL DEFAULT 0, event INTEGER,"
    " reserved INTEGER NOT NULL, day INTEGER NOT NULL, error TEXT, created_ms INTEGER NOT NULL,"
    " updated_ms INTEGER NOT NULL, UNIQUE(tx, item)) STRICT;"
    "INSERT INTO orders_3 SELECT id, content, id, 0, state, size, price, fee, NULL, reserved, day, error, created_ms,"
    " updated_ms FROM orders;"
    "DROP TRIGGER contents_order_new;"
    "CREATE TABLE contents_order_3(content INTEGER PRIMARY KEY, order_id INTEGER NOT NULL) STRICT;"
    "INSERT INTO contents_order_3 SELECT id, order_id FROM contents WHERE order_id IS NOT NULL;"
    "UPDATE contents SET order_id = NULL WHERE order_id IS NOT NULL;"
    "DROP TABLE orders;"
    "ALTER TABLE orders_3 RENAME TO orders;"
    "UPDATE contents SET order_id = t.order_id FROM contents_order_3 t WHERE t.content = contents.id;"
    "DROP TABLE contents_order_3;"
    "CREATE UNIQUE INDEX orders_live ON orders(content) WHERE state IN (1, 2, 3);"
    "CREATE INDEX orders_content ON orders(content, id);"
    "CREATE VIEW receipts AS SELECT o.id, o.content, o.tx, o.item, o.state, o.size, o.price, o.fee, o.event, "
    "o.reserved,"
    " o.day, o.error, o.created_ms, o.updated_ms, x.nonce, x.birth_block, x.birth_hash, x.death_block, x.xt_hash, "
    "x.signer, x.block,"
    " x.block_hash, x.xt_index FROM orders o JOIN extrinsics x ON x.id = o.tx;"
    "CREATE TRIGGER contents_order_new AFTER UPDATE OF order_id ON contents WHEN new.order_id IS NOT NULL BEGIN"
    " UPDATE contents SET order_tx = r.xt_hash, order_block = r.block, order_price = r.price, order_size = r.size"
    " FROM receipts r WHERE r.id = new.order_id AND contents.id = new.id; END;"
    "CREATE TRIGGER contents_order_changed AFTER UPDATE OF price, size ON orders BEGIN"
    " UPDATE contents SET order_price = new.price, order_size = new.size"
    " WHERE id = new.content AND order_id = new.id; END;"
    "CREATE TRIGGER contents_order_moved AFTER UPDATE OF block ON extrinsics BEGIN"
    " UPDATE contents SET order_block = new.block FROM orders o"
    " WHERE o.tx = new.id AND contents.id = o.content AND contents.order_id = o.id; END;" W3P_OPERATOR_ORDERS_SPENT;

// What the operator asks for, and the payments of some blocks, without reading every row there is.
const char w3p_orders_2[] = "CREATE INDEX contents_rejected ON contents(id) WHERE state = 8 AND pins > 0;"
                            "CREATE INDEX contents_open ON contents(id) WHERE state IN (1, 2, 3, 4, 5, 7) AND pins > 0;"
                            "CREATE INDEX extrinsics_block ON extrinsics(block) WHERE state IN (4, 5);";

const struct w3p_migration w3p_contents_migrations[] = {
    {"contents.1", contents_1}, {"contents.2", contents_2}, {NULL, NULL}};

const char *w3p_content_state_words(enum w3p_content_state state)
{
    switch (state) {
    case W3P_CONTENT_IDLE:
        return "not ordered";
    case W3P_CONTENT_QUEUED:
        return "waiting to be ordered";
    case W3P_CONTENT_SIGNED:
        return "order signed, being sent";
    case W3P_CONTENT_SUBMITTED:
        return "order sent, waiting for a block";
    case W3P_CONTENT_IN_BLOCK:
        return "order in a block, waiting for finality";
    case W3P_CONTENT_FINAL:
        return "ordered, waiting for replicas";
    case W3P_CONTENT_STORED:
        return "stored";
    case W3P_CONTENT_RENEWING:
        return "stored, being renewed";
    case W3P_CONTENT_REJECTED:
        return "order refused";
    }
    return "unknown";
}

// A content that nobody ordered yet: inserted as queued with one pin.
static int insert_content(struct w3p_db *db, int64_t *content_id, const uint8_t *key, size_t key_len,
                          const struct w3p_cid *cid, uint64_t size, int64_t now_ms)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "INSERT INTO contents(key, cid, state, size, pins, not_before_ms,"
                                            " created_ms) VALUES(?1, ?2, 1, ?3, 1, ?4, ?4)");
    char text[W3P_CID_ORDER_MAX];
    int err;

    if (stmt == NULL)
        return W3P_E_IO;
    w3p_cid_format_order(text, cid);
    sqlite3_bind_blob(stmt, 1, key, (int)key_len, SQLITE_STATIC);
    sqlite3_bind_text(stmt, 2, text, -1, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 3, (int64_t)size);
    sqlite3_bind_int64(stmt, 4, now_ms);
    err = w3p_db_exec(stmt);
    if (err == W3P_OK)
        *content_id = sqlite3_last_insert_rowid(w3p_db_handle(db));
    return err;
}

// A pin more on a content that is there. Idle and rejected ones start again from zero.
static int use_content(struct w3p_db *db, int64_t content_id, enum w3p_demand demand, uint64_t size, int64_t now_ms)
{
    bool restart = demand == W3P_DEMAND_NEW;
    sqlite3_stmt *stmt;
    int err;

    if (restart)
        stmt = w3p_db_prepare(db, "UPDATE contents SET pins = pins + 1, state = 1, size = ?2, attempts = 0,"
                                  " not_before_ms = ?3, error = NULL WHERE id = ?1");
    else if (demand != W3P_DEMAND_NONE)
        stmt = w3p_db_prepare(db, "UPDATE contents SET pins = pins + 1, size = ?2 WHERE id = ?1");
    else
        stmt = w3p_db_prepare(db, "UPDATE contents SET pins = pins + 1 WHERE id = ?1");
    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, content_id);
    if (demand != W3P_DEMAND_NONE)
        sqlite3_bind_int64(stmt, 2, (int64_t)size);
    if (restart)
        sqlite3_bind_int64(stmt, 3, now_ms);
    err = w3p_db_exec(stmt);
    if (err == W3P_OK && restart)
        err = w3p_pins_content_changed(db, content_id, W3P_CONTENT_QUEUED);
    return err;
}

static enum w3p_demand demand_of(enum w3p_content_state state, uint64_t size_now, uint64_t size, bool raises)
{
    if (state == W3P_CONTENT_IDLE || state == W3P_CONTENT_REJECTED)
        return W3P_DEMAND_NEW;
    if (!raises || size <= size_now || state > W3P_CONTENT_FINAL)
        return W3P_DEMAND_NONE;
    return state == W3P_CONTENT_QUEUED ? W3P_DEMAND_RAISED : W3P_DEMAND_LATER;
}

int w3p_content_acquire(struct w3p_db *db, int64_t *content_id, enum w3p_content_state *state, enum w3p_demand *demand,
                        const struct w3p_cid *cid, uint64_t size, bool raises, int64_t now_ms)
{
    uint8_t key[W3P_CID_KEY_MAX];
    size_t key_len = w3p_cid_key(key, cid);
    enum w3p_content_state old = W3P_CONTENT_IDLE;
    uint64_t size_now = 0;
    sqlite3_stmt *stmt;
    int64_t id = 0;
    int err;

    if (size == 0 || size > INT64_MAX)
        return W3P_E_RANGE;
    stmt = w3p_db_prepare(db, "SELECT id, state, size FROM contents WHERE key = ?1");
    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_blob(stmt, 1, key, (int)key_len, SQLITE_STATIC);
    err = w3p_db_step(stmt);
    if (err == 1) {
        id = sqlite3_column_int64(stmt, 0);
        old = (enum w3p_content_state)sqlite3_column_int(stmt, 1);
        size_now = (uint64_t)sqlite3_column_int64(stmt, 2);
    }
    sqlite3_reset(stmt);
    if (err < 0)
        return err;
    *demand = demand_of(old, size_now, size, raises);
    if (err == 1)
        err = use_content(db, id, *demand, size, now_ms);
    else
        err = insert_content(db, &id, key, key_len, cid, size, now_ms);
    if (err != W3P_OK)
        return err;
    *state = *demand == W3P_DEMAND_NEW ? W3P_CONTENT_QUEUED : old;
    *content_id = id;
    return W3P_OK;
}

// State and pins of one content; W3P_E_NOTFOUND.
static int read_content(struct w3p_db *db, enum w3p_content_state *state, int64_t *pins, int64_t *attempts,
                        int64_t content_id)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "SELECT state, pins, attempts FROM contents WHERE id = ?1");
    int err;

    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, content_id);
    err = w3p_db_step(stmt);
    if (err == 1) {
        *state = (enum w3p_content_state)sqlite3_column_int(stmt, 0);
        *pins = sqlite3_column_int64(stmt, 1);
        *attempts = sqlite3_column_int64(stmt, 2);
    }
    sqlite3_reset(stmt);
    if (err == 0)
        return W3P_E_NOTFOUND;
    return err == 1 ? W3P_OK : err;
}

int w3p_content_release(struct w3p_db *db, int64_t content_id)
{
    enum w3p_content_state state;
    int64_t pins, attempts;
    sqlite3_stmt *stmt;
    int err = read_content(db, &state, &pins, &attempts, content_id);

    if (err != W3P_OK)
        return err;
    if (pins <= 0)
        return W3P_E_STATE;
    stmt = w3p_db_prepare(db, "UPDATE contents SET pins = pins - 1 WHERE id = ?1");
    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, content_id);
    err = w3p_db_exec(stmt);
    if (err != W3P_OK || pins > 1 || state != W3P_CONTENT_QUEUED)
        return err;
    err = w3p_content_unpromise(db, content_id);
    return err == W3P_OK ? w3p_content_set_state(db, content_id, W3P_CONTENT_IDLE) : err;
}

int w3p_content_set_state(struct w3p_db *db, int64_t content_id, enum w3p_content_state state)
{
    sqlite3_stmt *stmt = w3p_db_prepare(db, "UPDATE contents SET state = ?2 WHERE id = ?1");
    int err;

    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, content_id);
    sqlite3_bind_int(stmt, 2, (int)state);
    err = w3p_db_exec(stmt);
    if (err == W3P_OK)
        err = w3p_pins_content_changed(db, content_id, state);
    return err;
}

#define RETRY_WAIT_MAX_MS 3600000

static int64_t retry_at(const struct w3p_content_retry *retry, int64_t attempts)
{
    int64_t wait_ms = retry->wait_ms;

    if (!retry->counts)
        return retry->now_ms + wait_ms;
    for (int64_t i = 1; i < attempts && wait_ms < RETRY_WAIT_MAX_MS; i++)
        wait_ms *= 2;
    return retry->now_ms + (wait_ms > RETRY_WAIT_MAX_MS ? RETRY_WAIT_MAX_MS : wait_ms);
}

int w3p_content_retry(struct w3p_db *db, enum w3p_content_state *state_out, int64_t content_id,
                      const struct w3p_content_retry *retry)
{
    enum w3p_content_state state, next;
    int64_t pins, attempts;
    sqlite3_stmt *stmt;
    int err = read_content(db, &state, &pins, &attempts, content_id);

    if (err != W3P_OK)
        return err;
    if (state == W3P_CONTENT_STORED)
        attempts = 0; // renewals that failed say nothing about the order that it needs now
    else
        attempts += retry->counts ? 1 : 0;
    if (state == W3P_CONTENT_RENEWING)
        next = W3P_CONTENT_STORED; // what is stored stays stored, whatever became of its renewal
    else if (pins <= 0)
        next = W3P_CONTENT_IDLE;
    else if (retry->permanent || (uint64_t)attempts >= retry->max_attempts)
        next = W3P_CONTENT_REJECTED;
    else
        next = W3P_CONTENT_QUEUED;
    stmt = w3p_db_prepare(db, "UPDATE contents SET attempts = ?2, not_before_ms = ?3, size = max(size, ?4),"
                              " error = ?5 WHERE id = ?1");
    if (stmt == NULL)
        return W3P_E_IO;
    sqlite3_bind_int64(stmt, 1, content_id);
    sqlite3_bind_int64(stmt, 2, attempts);
    sqlite3_bind_int64(stmt, 3, retry_at(retry, attempts));
    sqlite3_bind_int64(stmt, 4, (int64_t)retry->size_min);
    if (retry->error != NULL && retry->error[0] != '\0')
        sqlite3_bind_text(stmt, 5, retry->error, -1, SQLITE_STATIC);
    err = w3p_db_exec(stmt);
    if (err == W3P_OK)
        err = w3p_content_set_state(db, content_id, next);
    if (err == W3P_OK)
        *state_out = next;
    return err;
}
