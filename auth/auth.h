// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: from an Authorization header to one canonical identity, or to a reason why not.
// Threads: the functions are pure.
// Must not: know accounts, scopes, HTTP or SQLite.  Source: the W3Auth token grammar of crust.js and its wallets.
#ifndef W3P_AUTH_AUTH_H
#define W3P_AUTH_AUTH_H

#include "base/bytes.h"
#include "crypto/keys.h"

#define W3P_IDENTITY_MAX 80
// "evm:0x<40 hex>", "ava:<40 hex>", or "sub:", "sol:", "near:", "mvx:", "apt:", "algo:", "ton:" and 64 digits, all
// lower case: one wallet, one text. The same key on two chains is two accounts.
struct w3p_identity {
    char text[W3P_IDENTITY_MAX];
};
// The same text read back (hex digits of either case). W3P_E_INVALID when it is no identity.
int w3p_identity_parse(struct w3p_identity *out, const char *text, size_t len) W3P_NODISCARD;

// Why a credential was refused: for the log and for `token inspect`, never for the client.
enum w3p_auth_reason {
    W3P_AUTH_OK,
    W3P_AUTH_MISSING,   // no Authorization header
    W3P_AUTH_DUPLICATE, // more than one
    W3P_AUTH_SCHEME,    // not exactly "Bearer|Basic", spaces, one token
    W3P_AUTH_TOO_LONG,
    W3P_AUTH_BASE64,          // not strict base64, or bytes outside 0x21..0x7e
    W3P_AUTH_GRAMMAR,         // fields missing or too many
    W3P_AUTH_CHAIN,           // chain type unknown or refused
    W3P_AUTH_ADDRESS,         // not an address of that chain
    W3P_AUTH_SIGNATURE_FORM,  // signature not of an accepted form
    W3P_AUTH_SIGNATURE,       // signature does not verify
    W3P_AUTH_CONTRACT_WALLET, // signature of a contract: only the chain could say
    // Sign-in texts
    W3P_AUTH_MESSAGE,         // not of the fixed line grammar
    W3P_AUTH_MESSAGE_ADDRESS, // the text names another address
    W3P_AUTH_AUDIENCE,        // made for another gateway
    W3P_AUTH_DOMAIN,          // shown by a page that may not sign in here
    W3P_AUTH_NOT_YET,         // valid from later on
    W3P_AUTH_EXPIRED,
    W3P_AUTH_LIFETIME, // no end, or one too far away
    W3P_AUTH_SCOPES,   // none, or one that is unknown
    W3P_AUTH_NONCE,    // not a challenge of this gateway, or not as it was given, or used before
    // Minted tokens
    W3P_AUTH_MACAROON, // not of their form
    W3P_AUTH_KEY,      // made with a key that is not here (any more)
    W3P_AUTH_MAC,
    W3P_AUTH_CAVEAT,  // a restriction that is unknown or malformed
    W3P_AUTH_ORIGIN,  // for another page
    W3P_AUTH_NETWORK, // for other client addresses
    // What is known here and not in the credential
    W3P_AUTH_REVOKED,
    W3P_AUTH_DISABLED,   // a scheme that the settings switch off
    W3P_AUTH_LEGACY_OFF, // W3Auth tokens are off, here or for this account
    W3P_AUTH_BUSY,       // the budget of verifications is used up: no verdict
    W3P_AUTH_UNKNOWN,    // not looked at yet: no verdict
    W3P_AUTH_STORE       // the database cannot be read: no verdict
};
const char *w3p_auth_reason_name(enum w3p_auth_reason reason);     // one word, for logs and counters
const char *w3p_auth_reason_sentence(enum w3p_auth_reason reason); // for a person

#define W3P_AUTH_HEADER_MAX 4096

// Splits the header value: exactly "Bearer" or "Basic" (any case), one or more spaces, one token68. *token borrows
// header.
enum w3p_auth_reason w3p_auth_header(struct w3p_span *token, const char *header, size_t len);
// Tools that know only Basic send a minted token as base64("w3s:" token). Writes the token into out and gives its
// length; 0: the text is not that, or the token has no room.
#define W3P_AUTH_BASIC_USER "w3s:"
size_t w3p_auth_unwrap(char *out, size_t room, struct w3p_span text);
// The value of the Authorization header. On success fills out.
enum w3p_auth_reason w3p_auth_verify(struct w3p_identity *out, const char *header, size_t len);
// "ChainType-PubKey" (or a bare SS58 address) as in a token: for allow lists and the command line.
enum w3p_auth_reason w3p_auth_address(struct w3p_identity *out, const char *text, size_t len);

// A chain's scheme: one file, one table, one line in the registry of auth/schemes.c.
struct w3p_address {
    const struct w3p_scheme *scheme;
    char text[W3P_AUTH_HEADER_MAX / 8]; // as written in the token: this is what was signed
    size_t text_len;
    uint8_t key[32];
    uint8_t key_len; // 20 (H160) or 32
};
struct w3p_token;
#define W3P_AUTH_TEXT_MAX 4096 // bytes of a text that verify_text and sign_text take
struct w3p_scheme {
    const char *name;           // long name, as `token new --chain` takes it
    const char *const *aliases; // NULL-terminated, lower case; the first is what w3p_token_make writes
    enum w3p_key_type key_type; // for signing
    // "… wants you to sign in with your NAME account:". NULL: wallets of this chain sign no texts, and verify_text and
    // sign_text are NULL with it.
    const char *siwx_name;
    const char *chain_id; // what a login text says when nobody names one; NULL: such texts have no Chain ID line
    bool off_by_default;  // the scheme itself has a hole: only w3p_token_verify_any accepts it
    bool has_extra;       // its W3Auth tokens have a third field, and no others do

    // False: not an address of this chain.
    bool (*parse_address)(struct w3p_address *out, const char *text, size_t len);
    void (*identity)(struct w3p_identity *out, const struct w3p_address *address);
    // The address text that belongs to a key. W3P_E_UNSUPPORTED: a key of another type.
    int (*address_of)(struct w3p_buf *address, const struct w3p_keypair *key) W3P_NODISCARD;

    // A W3Auth token: the address, as wallets of this chain sign it. extra is there exactly when has_extra is set.
    enum w3p_verdict (*verify)(const struct w3p_token *token);
    // The signature, and the third field if there is one, of such a token. NULL: the same as sign_text of the address.
    int (*sign)(struct w3p_buf *sig_text, struct w3p_buf *extra, const struct w3p_keypair *key,
                struct w3p_span address) W3P_NODISCARD;

    // Any text, as wallets of this chain sign texts. MALFORMED beyond W3P_AUTH_TEXT_MAX.
    enum w3p_verdict (*verify_text)(const struct w3p_address *address, const char *text, size_t text_len,
                                    const char *sig_text, size_t sig_len);
    // W3P_E_UNSUPPORTED: a key of another type; W3P_E_LIMIT: longer than W3P_AUTH_TEXT_MAX, or sig_text is full.
    int (*sign_text)(struct w3p_buf *sig_text, const struct w3p_keypair *key, const char *text,
                     size_t text_len) W3P_NODISCARD;
};
const struct w3p_scheme *w3p_scheme_find(const char *name, size_t len); // any alias, any case; NULL: unknown
const struct w3p_scheme *const *w3p_schemes(void);                      // NULL-terminated
// Chain types of the field that are refused on purpose (any case): the sentence that says why. NULL: none of them.
const char *w3p_scheme_refused(const char *name, size_t len);
// The same for the chain type that a token names.
const char *w3p_token_refused(const char *token, size_t len);

// What a token says, for `token inspect` too; verifies nothing. reason as in w3p_auth_verify.
struct w3p_token {
    const struct w3p_scheme *scheme;
    struct w3p_address address;
    char sig_text[W3P_AUTH_HEADER_MAX / 4 * 3 + 1];
    size_t sig_len;
    char extra[W3P_AUTH_HEADER_MAX / 4 * 3 + 1]; // the third field, as written: 0x21..0x7e without '-' and ':'
    size_t extra_len;                            // 0: none
};
// "chain-address[-extra]:signature" in base64.
enum w3p_auth_reason w3p_token_decode(struct w3p_token *out, const char *token, size_t len);
// Checks a decoded W3Auth token: the signature is over the address. On success fills out. W3P_AUTH_GRAMMAR when there
// is a third field that this chain has not, or none where it has one; W3P_AUTH_CHAIN for schemes that are off by
// default. Self-issued tokens (extra begins with "m1.") are none of these.
enum w3p_auth_reason w3p_token_verify(struct w3p_identity *out, const struct w3p_token *token);
// The same with the schemes that are off by default: for gateways whose operator switched them on.
enum w3p_auth_reason w3p_token_verify_any(struct w3p_identity *out, const struct w3p_token *token);
// The W3Auth token that a wallet with this key would make.
int w3p_token_make(struct w3p_buf *out, const struct w3p_scheme *scheme, const struct w3p_keypair *key) W3P_NODISCARD;

#endif
