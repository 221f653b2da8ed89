// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: authn.h: the first use of a self-issued token, written down so that its owner sees it and can revoke it; and
// what accounts that never needed W3Auth tokens are spared.
// Threads: the note by any loop thread, its job by the writer.
#include <stdlib.h>
#include <string.h>

#include "authn_internal.h"
#include "base/clock.h"

_Static_assert(W3P_TOKEN_LABEL_MAX == W3P_AUTH_LABEL_MAX && W3P_TOKEN_ID_MAX == W3P_AUTH_ID_MAX,
               "a row holds what an entry has");

struct note {
    struct w3p_write write;
    struct w3p_authn *authn;
    struct w3p_identity identity;
    struct w3p_token_row row;
};

static int run_note(struct w3p_write *self, struct w3p_db *db)
{
    struct note *note = (struct note *)self;
    int err = w3p_tokens_note(db, note->identity.text, &note->row, w3p_clock_wall_ms());
    return err == W3P_OK ? w3p_authn_newcomer(note->authn, db, note->identity.text) : err;
}

static void done_note(struct w3p_write *self, int result)
{
    struct note *note = (struct note *)self;
    (void)result; // a list that lacks a token is all that a failure does; the next verification tries again
    atomic_fetch_sub(&note->authn->notes, 1);
    free(note);
}

bool w3p_authn_note(struct w3p_authn *authn, const struct w3p_auth_entry *entry)
{
    if (atomic_fetch_add(&authn->notes, 1) >= W3P_AUTHN_NOTES_MAX) {
        atomic_fetch_sub(&authn->notes, 1);
        return false;
    }
    struct note *note = w3p_calloc(1, sizeof *note);
    note->write = (struct w3p_write){.run = run_note, .done = done_note};
    note->authn = authn;
    note->identity = entry->identity;
    note->row = (struct w3p_token_row){
        .id_len = entry->id_len, .scopes = entry->scopes, .issued_s = entry->issued_s, .expires_s = entry->expires_s};
    memcpy(note->row.id, entry->id, entry->id_len);
    memcpy(note->row.label, entry->label, sizeof note->row.label);
    if (w3p_store_write(authn->store, &note->write) != W3P_OK)
        done_note(&note->write, W3P_E_BUSY);
    return true;
}

int w3p_authn_newcomer(const struct w3p_authn *authn, struct w3p_db *db, const char *identity)
{
    struct w3p_token_state state;
    if (authn->legacy != W3P_LEGACY_KNOWN_ACCOUNTS)
        return W3P_OK;
    int err = w3p_tokens_state(db, &state, identity, NULL, 0);
    if (err != W3P_OK || state.legacy != W3P_ACCOUNT_LEGACY_DEFAULT)
        return err;
    int64_t found = authn->account_find(db, identity);
    if (found != 0)
        return found < 0 ? W3P_E_IO : W3P_OK;
    return w3p_tokens_set_legacy(db, identity, W3P_ACCOUNT_LEGACY_OFF);
}
