// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: pins as the PSA means them: add, replace, delete, get, list; accounts, quotas, and the contents behind them.
// Threads: reads on the thread of the w3p_db given; changes are jobs for the store's writer, from any thread.
// Must not: know HTTP, signatures or chains.  Ownership: said per function.
#ifndef W3P_PINNER_PINS_H
#define W3P_PINNER_PINS_H

#include "base/cid.h"
#include "operator_store.h"

#define W3P_PIN_NAME_MAX 255   // Unicode characters (255 * 4 bytes)
#define W3P_PIN_JSON_MAX 16384 // bytes of meta and of origins, each
#define W3P_PIN_KEY_MAX 255    // characters of an Idempotency-Key
#define W3P_LIST_LIMIT_MAX 1000
#define W3P_LIST_LIMIT_DEFAULT 10

enum w3p_pin_status { W3P_PIN_QUEUED, W3P_PIN_PINNING, W3P_PIN_PINNED, W3P_PIN_FAILED };
const char *w3p_pin_status_name(enum w3p_pin_status status);
int w3p_pin_status_parse(enum w3p_pin_status *out, const char *text, size_t len) W3P_NODISCARD;

// Migrations of this module, for the store.
extern const struct w3p_migration w3p_pins_migrations[];

struct w3p_pins;
struct w3p_pins_conf {
    struct w3p_store *store;
    uint64_t pins_per_day;   // of one account; 0: no limit. A replacement counts as a pin
    uint64_t repin_wait_s;   // between orders that replacements of one account cause (repin_store.h); 0: none waits
    uint64_t planck_per_day; // 0: no limit
    uint64_t account_planck_per_day; // of what is promised for the pins of one account; 0: no limit
    uint64_t default_size;           // bytes, for pins without meta.size
    // Cost of an order of that size as far as known now, in planck (price and fee); 0: not known yet. Any thread.
    uint64_t (*estimate)(void *arg, uint64_t size);
    // Could a content of that size be ordered, as far as known now? NULL: any size. Any thread.
    bool (*orderable)(void *arg, uint64_t size);
    // Planck that may still be promised, as far as known now; UINT64_MAX: not known. NULL: never known. Any thread.
    uint64_t (*available)(void *arg);
    void (*wake)(void *arg); // new work for the engine. Any thread.
    void *arg;
};
struct w3p_pins *w3p_pins_create(const struct w3p_pins_conf *conf);
void w3p_pins_destroy(struct w3p_pins *pins); // after the store is closed: its jobs refer to it

// One pin as a client sees it. Strings of a row that was read belong to it: w3p_pin_deinit.
struct w3p_pin {
    char requestid[37];
    enum w3p_pin_status status;
    int64_t created_ms;
    char *texts;   // what the strings below stand in
    char *cid;     // the client's spelling
    char *name;    // NULL: none
    char *meta;    // JSON object of strings, or NULL
    char *origins; // JSON array of strings, or NULL
    // info, those that are known:
    const char *details;   // status in words; not owned
    int64_t held_until_ms; // queued, and not ordered before (repin_store.h); 0: not held
    char *error;           // NULL: none
    bool has_replicas;
    uint32_t replicas, replicas_wanted;
    uint64_t order_size, expires_at_block; // bytes, block; 0: not known
    int64_t checked_at_ms;
    // The newest order, while the content does not wait for another one; 0: not known. Lists leave out the hash of its
    // block and its signer.
    bool has_order, has_block_hash, has_event;
    uint8_t order_tx[32], order_block_hash[32];
    uint64_t order_block, order_index, order_event; // index and event: places in the block, unless that is 0
    uint64_t price_paid, fee_paid;                  // planck; fee: its part of the transaction's
    char order_signer[96];                          // address; "": not known
};
void w3p_pin_deinit(struct w3p_pin *pin);

struct w3p_pin_spec {
    const char *identity; // canonical identity of the account
    const char *cid_text; // as the client spelled it
    const struct w3p_cid *cid;
    const char *name;           // NULL: none
    const char *meta, *origins; // JSON text or NULL
    uint64_t size;              // meta.size, 0: default
    const char *key;            // Idempotency-Key, NULL: none
    const uint8_t *request32;   // with a key: what was asked; equal for what is to be the same request
};

// Result of a change, delivered on the writer thread once it is on the disk. pin is valid during the call only (NULL
// on failure and for delete). err: W3P_OK, W3P_E_NOTFOUND (replace, delete of what is not this account's),
// W3P_E_FORBIDDEN (pins of the day used up), W3P_E_LIMIT (planck of the account's day), W3P_E_FUNDS (planck of the day,
// or of the balance), W3P_E_RANGE (size too large), W3P_E_EXISTS (its key was sent with another request), W3P_E_STATE
// (the pin that its key made is deleted or replaced since), W3P_E_IO, W3P_E_INTERNAL. With a key that made a pin within
// the last day (idempotency_store.h) nothing is changed and nothing is counted: the result is that pin as it is now,
// also of a replacement whose old pin is gone. What was refused is not remembered.
typedef void (*w3p_pins_done)(void *arg, int err, const struct w3p_pin *pin);
// The spec is copied before these return. W3P_E_BUSY / W3P_E_CLOSED: done is not called.
int w3p_pins_add(struct w3p_pins *pins, const struct w3p_pin_spec *spec, w3p_pins_done done, void *arg) W3P_NODISCARD;
// Atomic: the new pin (new requestid) and the end of the old one, or nothing.
int w3p_pins_replace(struct w3p_pins *pins, const char *requestid, const struct w3p_pin_spec *spec, w3p_pins_done done,
                     void *arg) W3P_NODISCARD;
int w3p_pins_delete(struct w3p_pins *pins, const char *identity, const char *requestid, w3p_pins_done done,
                    void *arg) W3P_NODISCARD;

// The operator's second try with a content: a rejected one is queued again from zero, a queued one is looked at now.
// Never beside a live order. Waits for the disk. W3P_E_FUNDS when its order could not be paid: nothing is changed.
int w3p_pins_retry(struct w3p_pins *pins, enum w3p_requeue *what, int64_t content_id) W3P_NODISCARD;

// Deletes the pins that an account has on a content, a thousand at most. Waits for the disk.
int w3p_pins_drop(struct w3p_pins *pins, uint64_t *count, const char *identity, int64_t content_id) W3P_NODISCARD;

// 0 when the identity has no account yet (then it has no pins); W3P_E_IO when the database cannot be read.
int64_t w3p_account_find(struct w3p_db *db, const char *identity);

int w3p_pins_get(struct w3p_db *db, struct w3p_pin *out, int64_t account_id, const char *requestid) W3P_NODISCARD;

enum w3p_match { W3P_MATCH_EXACT, W3P_MATCH_IEXACT, W3P_MATCH_PARTIAL, W3P_MATCH_IPARTIAL };
struct w3p_pin_query {
    const struct w3p_cid *cids; // matched by content, any spelling
    size_t cid_count;           // at most 10, else W3P_E_LIMIT
    const char *name;           // NULL: any
    enum w3p_match match;
    unsigned status_mask; // 1 << enum w3p_pin_status; never 0
    bool has_before, has_after;
    int64_t before_ms, after_ms;                       // strict
    unsigned limit;                                    // 1..W3P_LIST_LIMIT_MAX
    const char *const *meta_keys, *const *meta_values; // all must be present and equal
    size_t meta_count;                                 // at most 64, else W3P_E_LIMIT
};
struct w3p_pin_page {
    struct w3p_pin *pins; // newest first
    size_t len;
    uint64_t count; // rows that match everything but the limit
};
int w3p_pins_list(struct w3p_db *db, struct w3p_pin_page *out, int64_t account_id,
                  const struct w3p_pin_query *query) W3P_NODISCARD;
void w3p_pin_page_deinit(struct w3p_pin_page *page);

#endif
