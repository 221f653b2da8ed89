// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what the database knows of authentication: the keys of minted tokens, tokens by their ids, what accounts
// switched off, and challenges that were answered.
// Threads: functions under "jobs" run inside a job of the store's writer (struct w3p_write), one or several of them as
// one change; the others on the thread of the w3p_db given, also inside a job.
// Must not: verify anything, or log a key. Whoever changes something here tells the caches before the caller is told.
// A token is named by its id: 16 random bytes of a minted one, 32 of a self-issued one (SHA-256 of its text). A minted
// token without a row is not valid; of self-issued ones rows are kept so that people can see and revoke them.
#ifndef W3P_AUTH_TOKENS_STORE_H
#define W3P_AUTH_TOKENS_STORE_H

#include "auth.h"
#include "scope.h"
#include "store/store.h"

#define W3P_TOKEN_MINTED_ID_BYTES 16
#define W3P_TOKEN_MESSAGE_ID_BYTES 32
#define W3P_TOKEN_ID_MAX 32
#define W3P_TOKEN_LABEL_MAX 64
#define W3P_TOKENS_PER_ACCOUNT 1000  // that are neither expired nor revoked
#define W3P_TOKENS_BY_TOKENS 900     // from there on no token makes another
#define W3P_REVOKED_PER_ACCOUNT 1000 // revoked and not yet expired
#define W3P_TOKEN_LIFE_MAX_S (366 * 86400)
#define W3P_TOKENS_PAGE_MAX 100
#define W3P_AUTH_KEYS_MAX 255

extern const struct w3p_migration w3p_tokens_migrations[];

// --- Keys ---
// A copy in the database file (mode 0600) and in SQLite's memory is all there is of them; wipe yours.
struct w3p_auth_key {
    uint8_t kid; // 1..255
    bool current;
    uint8_t key32[32];
    int64_t made_ms;
};
int w3p_auth_keys_read(struct w3p_db *db, struct w3p_auth_key keys[W3P_AUTH_KEYS_MAX], size_t *count) W3P_NODISCARD;
// Jobs. The first key, when there is none.
int w3p_auth_key_ensure(struct w3p_db *db, int64_t now_ms) W3P_NODISCARD;
// A new current key; the others go on proving old tokens. W3P_E_LIMIT when all 255 numbers are in use.
int w3p_auth_key_rotate(struct w3p_db *db, uint8_t *kid, int64_t now_ms) W3P_NODISCARD;
// Forgets a key and every token that it made; on a big database that takes seconds. W3P_E_NOTFOUND; W3P_E_STATE for
// the current one: rotate first.
int w3p_auth_key_drop(struct w3p_db *db, uint8_t kid) W3P_NODISCARD;

// --- Tokens ---
struct w3p_token_row {
    uint8_t id[W3P_TOKEN_ID_MAX];
    uint8_t id_len;              // 16 or 32
    uint8_t kid;                 // of a minted token; else 0
    w3p_scopes scopes;           // that it was given; caveats may leave less
    int64_t issued_s, expires_s; // issued_s 0: not known, because it was revoked before it was seen
    int64_t revoked_ms;          // 0: it was not
    char label[W3P_TOKEN_LABEL_MAX + 1];
};
// Jobs. A minted token; before its text is given to anybody. W3P_E_LIMIT when the account has W3P_TOKENS_PER_ACCOUNT.
int w3p_tokens_add(struct w3p_db *db, const char *identity, const struct w3p_token_row *row,
                   int64_t now_ms) W3P_NODISCARD;
// Before one that another token asks for. W3P_E_LIMIT when the account has W3P_TOKENS_BY_TOKENS: the places beyond are
// the wallet's own, which must always be able to log in and revoke what somebody else's token made.
int w3p_tokens_spare(struct w3p_db *db, const char *identity, int64_t now_ms) W3P_NODISCARD;
// The first use of a self-issued token; nothing changes when it is known. W3P_E_LIMIT: it is not noted, and stays
// valid.
int w3p_tokens_note(struct w3p_db *db, const char *identity, const struct w3p_token_row *row,
                    int64_t now_ms) W3P_NODISCARD;
// Again changes nothing. W3P_E_NOTFOUND for a minted id that is not this account's. A message id that was never seen is
// remembered for as long as its token could live. W3P_E_LIMIT past W3P_REVOKED_PER_ACCOUNT self-issued ones: log out
// everywhere instead.
int w3p_tokens_revoke(struct w3p_db *db, const char *identity, const uint8_t *id, size_t id_len,
                      int64_t now_ms) W3P_NODISCARD;
// The same for the operator, who need not know whose it is: an id that has a row.
int w3p_tokens_revoke_any(struct w3p_db *db, const uint8_t *id, size_t id_len, int64_t now_ms) W3P_NODISCARD;
// Every token of the account that exists now: minted ones go, self-issued ones issued before the next second are
// refused from here on. W3Auth tokens have no issue time: w3p_tokens_set_legacy.
int w3p_tokens_logout_all(struct w3p_db *db, const char *identity, int64_t now_ms) W3P_NODISCARD;
enum w3p_account_legacy { W3P_ACCOUNT_LEGACY_DEFAULT, W3P_ACCOUNT_LEGACY_ON, W3P_ACCOUNT_LEGACY_OFF };
int w3p_tokens_set_legacy(struct w3p_db *db, const char *identity, enum w3p_account_legacy legacy) W3P_NODISCARD;
// Deletes up to `most` rows whose time is over, of tokens and of challenges each; adding does a few by itself.
int w3p_tokens_prune(struct w3p_db *db, int64_t now_ms, unsigned most) W3P_NODISCARD;

// What an account's tokens are, newest first: at most W3P_TOKENS_PAGE_MAX after the row given (NULL: from the first),
// none that has expired. Fewer than asked for: there are no more.
int w3p_tokens_page(struct w3p_db *db, struct w3p_token_row *rows, size_t most, size_t *count, const char *identity,
                    const struct w3p_token_row *after, int64_t now_ms) W3P_NODISCARD;

// Everything that decides about one credential, in one look.
struct w3p_token_state {
    bool known;                   // the token has a row
    struct w3p_identity identity; // whose it is
    struct w3p_token_row row;     // zeroed when it is not known
    int64_t min_issued_s;         // of the account: older self-issued tokens are refused
    enum w3p_account_legacy legacy;
};
// identity NULL: a minted token, whose row says whose it is. id NULL and id_len 0: a W3Auth token, the account alone.
// W3P_E_IO: then nothing is known, and nobody may be let in.
int w3p_tokens_state(struct w3p_db *db, struct w3p_token_state *out, const char *identity, const uint8_t *id,
                     size_t id_len) W3P_NODISCARD;
// W3P_AUTH_OK, or W3P_AUTH_REVOKED for a token of that id length issued at that time. For a job that acts on the word
// of a credential (which may have been revoked while the job waited) as for a request.
enum w3p_auth_reason w3p_token_state_judge(const struct w3p_token_state *state, size_t id_len, int64_t issued_s);

// --- Challenges ---
// Job. W3P_E_EXISTS when the nonce was used before. It is remembered until its challenge has expired.
int w3p_nonce_use(struct w3p_db *db, const uint8_t nonce32[32], int64_t expires_ms, int64_t now_ms) W3P_NODISCARD;
// W3P_E_EXISTS likewise; changes nothing: for an answer that need not wait for the job.
int w3p_nonce_unused(struct w3p_db *db, const uint8_t nonce32[32]) W3P_NODISCARD;

#endif
