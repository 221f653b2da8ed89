// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: a signing key from a file that only its owner can read (hex seed, phrase, polkadot.js JSON keystore), or
// from a development URI; and writing such a file. Ownership: keys and texts go into the caller's storage, best
// w3p_secret_alloc memory; copies here are wiped. Must not: quote the content of a file, nor a "path" that is a seed or
// a phrase.
#ifndef W3P_CLI_KEYFILE_H
#define W3P_CLI_KEYFILE_H

#include "crypto/keys.h"
#include "crypto/keystore.h"

// Which scheme a key is wanted for; the order of crust.key_scheme. Auto: a keystore's own, else sr25519.
enum w3p_key_wish { W3P_KEY_WISH_AUTO, W3P_KEY_WISH_SR25519, W3P_KEY_WISH_ED25519, W3P_KEY_WISH_ECDSA };

enum w3p_key_kind { W3P_KEY_KIND_SEED, W3P_KEY_KIND_PHRASE, W3P_KEY_KIND_KEYSTORE, W3P_KEY_KIND_URI };

struct w3p_key_source {
    const char *uri, *path;    // exactly one; NULL and "" are none
    const char *password_path; // of a keystore, and of nothing else; NULL and "" are none
    int wish;                  // enum w3p_key_wish
};

const char *w3p_key_type_name(enum w3p_key_type type);
const char *w3p_key_kind_name(enum w3p_key_kind kind);
// The type for a wish; sr25519 for auto.
enum w3p_key_type w3p_key_wished(int wish);
int w3p_key_wish_parse(int *out, struct w3p_errmsg *msg, const char *text) W3P_NODISCARD;

// The file must be a regular file of this user or of root with no permission for group and others; a symlink must
// belong to them too. It holds 64 hex digits (with or without 0x), or a phrase or 0x seed with //hard and /soft parts
// and
// ///password, and at most one line end; or a JSON keystore. kind may be NULL.
int w3p_key_load(struct w3p_keypair *out, enum w3p_key_kind *kind, struct w3p_errmsg *msg,
                 const struct w3p_key_source *source) W3P_NODISCARD;

// A secret as it was read, and one byte of room to see that it is too long.
struct w3p_secret_text {
    size_t len;
    char bytes[W3P_KEYSTORE_TEXT_MAX + 2];
};
// The parts of w3p_key_load. path NULL reads stdin.
int w3p_key_read(struct w3p_secret_text *out, struct w3p_errmsg *msg, const char *path) W3P_NODISCARD;
// password NULL: there is none.
int w3p_key_from_text(struct w3p_keypair *out, enum w3p_key_kind *kind, struct w3p_errmsg *msg, int wish,
                      const struct w3p_secret_text *text, const struct w3p_secret_text *password) W3P_NODISCARD;
// The password without its line end; a second line is refused (W3P_E_INVALID), no wallet could type it. The same rules
// as for a key file; the sentence never quotes a path that does not exist, which could be the password itself.
int w3p_password_read(struct w3p_secret_text *out, struct w3p_errmsg *msg, const char *path) W3P_NODISCARD;

// A new file of mode 0600: whole and on the disk, or not there. Never replaces one: W3P_E_EXISTS.
int w3p_keyfile_write(struct w3p_errmsg *msg, const char *path, const void *bytes, size_t len) W3P_NODISCARD;

// Holds the file for this process until *fd is closed: two gateways that sign with one key would fight over its nonces.
// W3P_E_STATE when another one holds it. A copy of the file is another file: foreign use of a key is found on chain
// only.
int w3p_keyfile_lock(int *fd, struct w3p_errmsg *msg, const char *path) W3P_NODISCARD;

#endif
