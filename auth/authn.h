// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the authentication service of a gateway: from the value of an Authorization header to who it is and what it
// permits, or to the reason why not; what is remembered of that, and the moment at which a revocation counts.
// Three kinds of credentials: a W3Auth token (a wallet's signature over its own address), a self-issued token (over a
// sign-in text), a minted token (by this gateway).
// Threads: struct w3p_authn any; struct w3p_authn_thread and its entries one loop thread.
// Must not: know HTTP, pins or allow lists.
// A revocation counts at the next request of every thread: whoever changed tokens, keys or accounts in the database
// calls w3p_authn_revoked before anybody is told; entries older than that look at the database again (never at the
// signature) before they are used.
#ifndef W3P_AUTH_AUTHN_H
#define W3P_AUTH_AUTHN_H

#include "auth.h"
#include "base/conf.h"
#include "caveat.h"
#include "hosts.h"
#include "scope.h"
#include "store/store.h"

enum w3p_legacy_mode { W3P_LEGACY_ON, W3P_LEGACY_KNOWN_ACCOUNTS, W3P_LEGACY_OFF };
// Hosts in auth.audience: a forged minted token is tried with each of them, 32 restrictions and all (9 us each).
#define W3P_AUTHN_AUDIENCES_MAX 16
// Configuration rows: auth.audience, auth.domains, auth.legacy, auth.legacy_scopes, auth.ton, auth.login_ttl_s,
// auth.token_ttl_max_s, auth.cache_entries, auth.cache_ttl_ms.
struct w3p_authn_settings {
    char *audience;      // hosts by which clients reach this gateway, comma-separated; the first is what is minted for
    char *domains;       // pages whose users may sign in; "*": any
    int legacy;          // enum w3p_legacy_mode
    char *legacy_scopes; // what W3Auth tokens permit
    bool ton;
    uint64_t login_ttl_s, token_ttl_max_s;
    uint64_t cache_entries, cache_ttl_ms; // of a thread
};
extern const struct w3p_conf_key w3p_authn_conf_keys[];

struct w3p_authn;
struct w3p_authn_conf {
    const struct w3p_authn_settings *settings; // read during create
    const char *audience;                      // where settings name none; NULL or "": none
    // The account of an identity: 0 when it has none, negative when the database cannot be read.
    int64_t (*account_find)(struct w3p_db *db, const char *identity);
};
// What the settings alone can get wrong fails with a sentence.
int w3p_authn_create(struct w3p_authn **out, struct w3p_errmsg *msg, const struct w3p_authn_conf *conf) W3P_NODISCARD;
void w3p_authn_destroy(struct w3p_authn *authn); // after its threads and the store; NULL is fine
// Reads the keys of minted tokens, and makes the first one. Before any thread.
int w3p_authn_open(struct w3p_authn *authn, struct w3p_errmsg *msg, struct w3p_store *store) W3P_NODISCARD;
// In done() of every job that revoked, switched or forgot something, before its answer.
void w3p_authn_revoked(struct w3p_authn *authn);
// Job of the store's writer, beside the one that gives an account its first token that is not a W3Auth one: where only
// known accounts may use W3Auth tokens, one that comes with a better kind never needs them.
int w3p_authn_newcomer(const struct w3p_authn *authn, struct w3p_db *db, const char *identity) W3P_NODISCARD;

// Keys of minted tokens. Copies of a key are the caller's to wipe. False: there is no such key.
bool w3p_authn_minting_key(struct w3p_authn *authn, uint8_t *kid, uint8_t key32[32]) W3P_NODISCARD;
bool w3p_authn_key(struct w3p_authn *authn, uint8_t kid, uint8_t key32[32]) W3P_NODISCARD;
// For challenges: the oldest there is, so that those under way survive the making of a new one.
bool w3p_authn_challenge_key(struct w3p_authn *authn, uint8_t key32[32]) W3P_NODISCARD;
struct w3p_authn_key_info {
    uint8_t kid;
    bool current;
    int64_t made_ms;
};
size_t w3p_authn_keys(struct w3p_authn *authn, struct w3p_authn_key_info *out, size_t most); // how many there are
// These wait for the disk. A new key for all that is minted from now on: W3P_E_LIMIT. The end of a key and of every
// token that it made, at once: W3P_E_NOTFOUND, W3P_E_STATE for the current one.
int w3p_authn_key_rotate(struct w3p_authn *authn, uint8_t *kid) W3P_NODISCARD;
int w3p_authn_key_drop(struct w3p_authn *authn, uint8_t kid) W3P_NODISCARD;

// The settings as they are in force.
const struct w3p_hosts *w3p_authn_audiences(const struct w3p_authn *authn); // may be empty: then nothing is minted
const struct w3p_hosts *w3p_authn_domains(const struct w3p_authn *authn);   // without the audiences, which may always
int64_t w3p_authn_login_ttl_s(const struct w3p_authn *authn);
int64_t w3p_authn_token_ttl_max_s(const struct w3p_authn *authn);

enum w3p_auth_kind { W3P_AUTH_KIND_W3AUTH, W3P_AUTH_KIND_SELF_ISSUED, W3P_AUTH_KIND_MINTED };
const char *w3p_auth_kind_name(enum w3p_auth_kind kind); // "w3auth", "self-issued", "minted"

#define W3P_AUTH_ID_MAX 32
#define W3P_AUTH_LABEL_MAX 64
struct w3p_auth_entry {
    struct w3p_identity identity;
    int64_t account_id; // the caller's to fill: 0 until it knows
    enum w3p_auth_kind kind;
    w3p_scopes scopes;            // restrictions counted in
    int64_t issued_s, expires_s;  // Unix time; 0: the credential has none
    uint8_t id[W3P_AUTH_ID_MAX];  // 16 bytes of a minted token, 32 of a self-issued one
    uint8_t id_len;               // 0: a W3Auth token
    uint8_t kid;                  // the key of a minted token
    enum w3p_auth_reason verdict; // of the database, at this epoch
    uint64_t epoch;
    const struct w3p_restrictions *restrictions; // of a minted token, beside scopes and end; NULL: none
    bool is_first_use;                           // of a self-issued token that is not written down yet
    char label[W3P_AUTH_LABEL_MAX + 1];
};

// What one loop thread remembers. It borrows the thread's reader.
struct w3p_authn_thread;
struct w3p_authn_thread *w3p_authn_thread_create(struct w3p_authn *authn, struct w3p_db *db);
void w3p_authn_thread_destroy(struct w3p_authn_thread *thread); // NULL is fine

// What is remembered of this header value: W3P_AUTH_OK with its entry, the reason why it is refused, or
// W3P_AUTH_UNKNOWN: it must be verified. W3P_AUTH_STORE: the database cannot be read. *out stays valid until the next
// call on this thread, and is NULL unless the result is W3P_AUTH_OK.
enum w3p_auth_reason w3p_authn_find(struct w3p_auth_entry **out, struct w3p_authn_thread *thread, const char *header,
                                    size_t len);
// Verifies and remembers. Results as above, but never W3P_AUTH_UNKNOWN.
enum w3p_auth_reason w3p_authn_verify(struct w3p_auth_entry **out, struct w3p_authn_thread *thread, const char *header,
                                      size_t len);

// What the caller makes of an account whose credential is good. A wallet is free: what strangers bring must not grow
// the database, nor push out what others have here. So the first use of a self-issued token is written down once its
// account is admitted, and what belongs to one that is turned away is the first to be forgotten.
void w3p_authn_admitted(struct w3p_authn_thread *thread, struct w3p_auth_entry *entry);
void w3p_authn_turned_away(struct w3p_authn_thread *thread, struct w3p_auth_entry *entry);

// By what a log names a credential: eight hex digits of the SHA-256 of the token in the header, or of all of it when
// there is no token in it.
#define W3P_AUTH_TRACE_LEN 8
void w3p_auth_trace(char out9[W3P_AUTH_TRACE_LEN + 1], const char *header, size_t len);

#endif
