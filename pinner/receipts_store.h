// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: receipts: what is known of one order and of the transaction that it is in, as it is shown to those who paid
// for it; all orders of one content; what they took together.
// Threads: the connection's; reads only.  Must not: decide anything.
#ifndef W3P_PINNER_RECEIPTS_STORE_H
#define W3P_PINNER_RECEIPTS_STORE_H

#include "contents.h"

struct sqlite3_stmt;

extern const char w3p_receipts_1[]; // the newest one's columns beside its content; behind orders.1

struct w3p_receipt {
    int64_t id; // of the order
    enum w3p_order_state state;
    char signer[96]; // address that paid; "": signed before that was noted
    uint8_t tx_hash32[32];
    uint64_t nonce;
    uint64_t item, items; // place in its transaction, from 0, and how many orders are in that
    uint64_t block;       // 0: in none (yet)
    bool has_block_hash;
    uint8_t block_hash32[32];
    uint64_t index; // of the transaction in that block
    int64_t event;  // index among the block's events of the one that told the end; -1: not known
    uint64_t size;  // declared, bytes
    uint64_t price; // planck taken for the order, 0 until final
    uint64_t fee;   // planck: its part of the transaction's fee, 0 until that is final
    uint64_t tx_fee;
    int64_t signed_ms, updated_ms; // wall clock
    char error[256];               // why it came to nothing, in words; "" otherwise
};

// In a SELECT with `orders o` and `extrinsics x`: its columns, and what reads them from column `first` on. NULLs of a
// content without an order give false.
#define W3P_RECEIPT_COLUMNS                                                                                            \
    "o.id, o.state, x.signer, x.xt_hash, x.nonce, o.item, (SELECT count(*) FROM orders n WHERE n.tx = o.tx), x.block," \
    " x.block_hash, x.xt_index, o.event, o.size, o.price, o.fee, x.fee, o.created_ms, o.updated_ms, o.error"
bool w3p_receipt_read(struct w3p_receipt *out, struct sqlite3_stmt *stmt, int first);

#define W3P_RECEIPTS_LIMIT_MAX 1000
// All orders of a content, newest first: those with an id below before_id (0: from the newest on). W3P_E_LIMIT when max
// is 0 or above W3P_RECEIPTS_LIMIT_MAX.
int w3p_receipts_of(struct w3p_db *db, struct w3p_receipt *out, size_t *count, size_t max, int64_t content_id,
                    int64_t before_id) W3P_NODISCARD;

struct w3p_paid {
    uint64_t orders;     // however they ended
    w3p_u128 price, fee; // planck, exact
};
int w3p_receipts_paid(struct w3p_db *db, struct w3p_paid *out, int64_t content_id) W3P_NODISCARD;

#endif
