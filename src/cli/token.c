// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: `w3pin token new` makes the bearer token of a key, `w3pin token inspect` explains one.
// Must not: speak to a gateway; what is valid here may still not be on its allow list.
#include <stdio.h>
#include <string.h>

#include "auth.h"
#include "base/json.h"
#include "cli/cli.h"
#include "cli/flags.h"
#include "cli/keyfile.h"
#include "crypto/secret.h"

static int usage_error(const char *sentence)
{
    fprintf(stderr, "w3pin token: %s\n", sentence);
    return W3P_EXIT_USAGE;
}

struct new_options {
    const struct w3p_scheme *scheme;
    struct w3p_key_source key;
};

static int parse_chain(const struct w3p_scheme **out, struct w3p_errmsg *msg, const char *name)
{
    *out = w3p_scheme_find(name, strlen(name));
    if (*out != NULL)
        return W3P_OK;
    struct w3p_buf known;
    w3p_buf_init(&known, 128);
    for (const struct w3p_scheme *const *scheme = w3p_schemes(); *scheme != NULL; scheme++)
        w3p_buf_printf(&known, "%s%s", known.len > 0 ? ", " : "", (*scheme)->name);
    int err = w3p_fail(msg, W3P_E_INVALID, "unknown chain '%.40s'; known are %s", name, w3p_buf_str(&known));
    w3p_buf_deinit(&known);
    return err;
}

// Substrate accounts have three kinds of key, the other chains one.
static int settle_scheme(struct new_options *o, struct w3p_errmsg *msg)
{
    static const int only[] = {[W3P_KEY_SR25519] = W3P_KEY_WISH_AUTO,
                               [W3P_KEY_ED25519] = W3P_KEY_WISH_ED25519,
                               [W3P_KEY_ECDSA] = W3P_KEY_WISH_ECDSA};
    int wish = only[o->scheme->key_type];
    if (wish == W3P_KEY_WISH_AUTO)
        return W3P_OK;
    if (o->key.wish != W3P_KEY_WISH_AUTO && o->key.wish != wish)
        return w3p_fail(msg, W3P_E_INVALID, "keys of %s are %s; leave --scheme out", o->scheme->name,
                        w3p_key_type_name(o->scheme->key_type));
    o->key.wish = wish;
    return W3P_OK;
}

static int parse_new(struct new_options *o, struct w3p_errmsg *msg, int argc, char **argv)
{
    struct w3p_flag flag;
    for (int i = 2; i < argc;) {
        int err = w3p_flag_next(&flag, &i, msg, argc, argv);
        if (err != W3P_OK)
            return err;
        if (strcmp(flag.name, "chain") == 0)
            err = parse_chain(&o->scheme, msg, flag.value);
        else if (strcmp(flag.name, "uri") == 0)
            o->key.uri = flag.value;
        else if (strcmp(flag.name, "key") == 0)
            o->key.path = flag.value;
        else if (strcmp(flag.name, "password-file") == 0)
            o->key.password_path = flag.value;
        else if (strcmp(flag.name, "scheme") == 0)
            err = w3p_key_wish_parse(&o->key.wish, msg, flag.value);
        else
            err = w3p_flag_unknown(msg, &flag);
        if (err != W3P_OK)
            return err;
    }
    if (o->scheme == NULL)
        return w3p_fail(msg, W3P_E_INVALID, "which --chain? see --help");
    if ((o->key.uri == NULL) == (o->key.path == NULL))
        return w3p_fail(msg, W3P_E_INVALID, "give exactly one of --uri and --key; see --help");
    return settle_scheme(o, msg);
}

static int run_new(int argc, char **argv)
{
    struct new_options o = {.scheme = NULL};
    struct w3p_errmsg msg;
    if (parse_new(&o, &msg, argc, argv) != W3P_OK)
        return usage_error(msg.text);

    struct w3p_keypair *key = w3p_secret_alloc(sizeof(*key));
    struct w3p_buf token;
    w3p_buf_init(&token, W3P_AUTH_HEADER_MAX);
    int err = w3p_key_load(key, NULL, &msg, &o.key);
    if (err == W3P_OK) {
        err = w3p_token_make(&token, o.scheme, key);
        if (err != W3P_OK)
            w3p_fail(&msg, err, "cannot make a token: %s", w3p_strerror(err));
    }
    if (err == W3P_OK)
        puts(w3p_buf_str(&token)); // src/main.c looks at stdout once, at the end
    else
        fprintf(stderr, "w3pin token: %s\n", msg.text);
    w3p_buf_deinit(&token);
    w3p_secret_free(key);
    return err == W3P_OK ? W3P_EXIT_OK : W3P_EXIT_FAILURE;
}

// Reads stdin up to the bound; one byte more than the bound is kept, so that too long is seen as too long.
static void read_stdin(struct w3p_buf *out)
{
    char chunk[1024];
    size_t n;
    while (out->len <= W3P_AUTH_HEADER_MAX && (n = fread(chunk, 1, sizeof(chunk), stdin)) > 0)
        w3p_buf_put(out, chunk, n);
}

struct finding {
    enum w3p_auth_reason reason;
    struct w3p_token token; // scheme NULL: did not decode
    struct w3p_identity identity;
};

// text: a token, or a whole header value when there is a space in it.
static void examine(struct finding *f, const char *text, size_t len)
{
    struct w3p_span token = W3P_SPAN(text, len);
    memset(f, 0, sizeof(*f));
    if (memchr(text, ' ', len) != NULL) {
        f->reason = w3p_auth_header(&token, text, len);
        if (f->reason != W3P_AUTH_OK)
            return;
    }
    f->reason = w3p_token_decode(&f->token, (const char *)token.ptr, token.len);
    if (f->reason != W3P_AUTH_OK)
        return;
    f->reason = w3p_token_verify(&f->identity, &f->token);
    // Whom it claims to be is worth showing even when the signature is wrong.
    f->token.scheme->identity(&f->identity, &f->token.address);
}

static void print_text(const struct finding *f)
{
    bool valid = f->reason == W3P_AUTH_OK;
    printf("valid:     %s%s\n", valid ? "yes" : "no: ", valid ? "" : w3p_auth_reason_sentence(f->reason));
    if (f->token.scheme == NULL)
        return;
    printf("%s  %s\n", valid ? "identity:" : "claims:  ", f->identity.text);
    printf("chain:     %s\n", f->token.scheme->name);
    printf("address:   %s\n", f->token.address.text);
    puts("expires:   never; a W3Auth token carries no expiry, so whoever holds it is this account");
}

static void print_json(const struct finding *f)
{
    struct w3p_buf out;
    struct w3p_json j;
    w3p_buf_init(&out, 8192);
    w3p_json_init(&j, &out);
    w3p_json_begin_object(&j);
    w3p_json_bool_field(&j, "valid", f->reason == W3P_AUTH_OK);
    w3p_json_str_field(&j, "reason", w3p_auth_reason_name(f->reason));
    w3p_json_str_field(&j, "details", w3p_auth_reason_sentence(f->reason));
    if (f->token.scheme != NULL) {
        w3p_json_str_field(&j, f->reason == W3P_AUTH_OK ? "identity" : "claims", f->identity.text);
        w3p_json_str_field(&j, "chain", f->token.scheme->name);
        w3p_json_str_field(&j, "address", f->token.address.text);
        w3p_json_key(&j, "expires");
        w3p_json_null(&j);
    }
    w3p_json_end_object(&j);
    puts(w3p_buf_str(&out));
    w3p_buf_deinit(&out);
}

static int run_inspect(int argc, char **argv)
{
    bool json = false;
    const char *word = NULL;
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0)
            json = true;
        else if (word != NULL || (argv[i][0] == '-' && argv[i][1] != '\0'))
            return usage_error("inspect takes [--json] and one TOKEN, or - for stdin; see --help");
        else
            word = argv[i];
    }

    struct w3p_buf text;
    struct finding finding;
    w3p_buf_init(&text, 2 * W3P_AUTH_HEADER_MAX);
    if (word == NULL || strcmp(word, "-") == 0)
        read_stdin(&text);
    else
        w3p_buf_put(&text, word, strnlen(word, W3P_AUTH_HEADER_MAX + 1));
    while (text.len > 0 && (text.ptr[text.len - 1] == '\n' || text.ptr[text.len - 1] == '\r'))
        text.len--;
    examine(&finding, w3p_buf_str(&text), text.len);
    (json ? print_json : print_text)(&finding);
    w3p_buf_deinit(&text);
    return finding.reason == W3P_AUTH_OK ? W3P_EXIT_OK : W3P_EXIT_FAILURE;
}

static int run(int argc, char **argv)
{
    if (argc >= 2 && strcmp(argv[1], "new") == 0)
        return run_new(argc, argv);
    if (argc >= 2 && strcmp(argv[1], "inspect") == 0)
        return run_inspect(argc, argv);
    return usage_error("the actions are 'new' and 'inspect'; see --help");
}

const struct w3p_command w3p_cmd_token = {
    .name = "token",
    .summary = "make a bearer token from a key, or explain one",
    .usage = "usage: w3pin token new --chain CHAIN (--uri URI | --key FILE [--password-file FILE]) [--scheme SCHEME]\n"
             "       w3pin token inspect [--json] [TOKEN|-]\n\n"
             "`new` prints the token that a wallet of this key would make, and nothing else:\n"
             "base64(\"chain-address:signature over the address\"). It never expires: keep it like the key.\n\n"
             "  --chain CHAIN         eth (polygon), substrate (crust), solana, near, avalanche, multiversx (elrond), "
             "aptos,\n"
             "                        algorand, ton (off by default in gateways); this also decides the kind of key\n"
             "  --key FILE            a 32-byte seed as hex, a phrase (derived as Substrate's wallets do), or a JSON "
             "keystore\n"
             "                        of polkadot.js; the file must be yours alone (chmod 600)\n"
             "  --password-file FILE  holds the keystore's password, on one line\n"
             "  --scheme SCHEME       with substrate: sr25519 (default), ed25519 or ecdsa; a keystore says itself\n"
             "  --uri URI             a development key such as //Alice; never a real one, others see command lines\n\n"
             "`inspect` says whose token it is and why it would be refused; it reads stdin without TOKEN, and takes a\n"
             "whole header value (\"Bearer ...\") too. It ends with 0 only if the token is valid.\n\n"
             "  --json         the same as one JSON object\n",
    .run = run,
};
