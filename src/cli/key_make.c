// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: `w3pin key new` and `w3pin key import`: a key on its way into a file.
// Must not: print a secret, but the phrase where --print asks for it; that goes past stdio, whose buffers nobody wipes.
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/key.h"
#include "crypto/bip39.h"
#include "crypto/secret.h"

#define SS58_GENERIC 42
#define STORE_NAME "w3pin"

// All that these two commands hold; one piece of secret memory.
struct work {
    struct w3p_keypair key;
    struct w3p_entropy entropy;
    struct w3p_secret_text text, password;
};

static int usage(struct w3p_errmsg *msg, const char *sentence)
{
    w3p_fail(msg, W3P_E_INVALID, "%s", sentence);
    return W3P_EXIT_USAGE;
}

static int write_keystore(struct w3p_errmsg *msg, const struct work *w, const char *path)
{
    struct w3p_buf out;
    w3p_buf_init(&out, W3P_KEYSTORE_TEXT_MAX);
    int err = w3p_keystore_make(&out, msg, &w->key,
                                &(struct w3p_keystore_options){.password = w->password.bytes,
                                                               .password_len = w->password.len,
                                                               .name = STORE_NAME,
                                                               .created_ms = (uint64_t)w3p_clock_wall_ms(),
                                                               .prefix = SS58_GENERIC});
    if (err == W3P_OK) {
        w3p_buf_put_u8(&out, '\n');
        err = w3p_keyfile_write(msg, path, out.ptr, out.len);
    }
    w3p_buf_deinit(&out);
    return err;
}

// With a password a keystore, else the text with its line end.
static int write_key(struct w3p_errmsg *msg, struct work *w, const struct w3p_key_options *o)
{
    if (o->password_file != NULL)
        return write_keystore(msg, w, o->out);
    w->text.bytes[w->text.len] = '\n'; // there is room for one byte behind the longest text
    return w3p_keyfile_write(msg, o->out, w->text.bytes, w->text.len + 1);
}

// A seed and a phrase fit every scheme: who imports one for ed25519 and runs the gateway without saying so would pay
// from another account than the one that was shown.
static void name_lost_scheme(const struct w3p_key_options *o, const struct w3p_keypair *key)
{
    if (o->out != NULL && o->password_file == NULL && key->type != W3P_KEY_SR25519)
        fprintf(stderr,
                "w3pin key: %s does not say %s: name it wherever the key is used (--scheme, or crust.key_scheme of the "
                "gateway)\n",
                o->out, w3p_key_type_name(key->type));
}

static int fail_phrase(struct w3p_errmsg *msg, const struct w3p_key_options *o, const char *why)
{
    if (o->out == NULL)
        return w3p_fail(msg, W3P_E_IO, "cannot print the phrase: %s", why);
    if (o->password_file == NULL)
        return w3p_fail(msg, W3P_E_IO, "cannot print the phrase: %s; %s holds it", why, o->out);
    return w3p_fail(
        msg, W3P_E_IO,
        "cannot print the phrase: %s; %s holds a key whose phrase nobody has seen: remove it and begin again", why,
        o->out);
}

static int print_phrase(struct w3p_errmsg *msg, struct w3p_secret_text *text, const struct w3p_key_options *o)
{
    size_t done = 0;
    text->bytes[text->len] = '\n';
    while (done < text->len + 1) {
        ssize_t n = write(STDOUT_FILENO, text->bytes + done, text->len + 1 - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return fail_phrase(msg, o, strerror(errno));
        done += (size_t)n;
    }
    return W3P_OK;
}

static int make_phrase(struct work *w, struct w3p_errmsg *msg, const struct w3p_key_options *o)
{
    if (w3p_bip39_generate(&w->entropy, (unsigned)o->words) != W3P_OK ||
        w3p_bip39_format(w->text.bytes, &w->entropy) != W3P_OK)
        return w3p_fail(msg, W3P_E_INVALID, "--words is one of 12, 15, 18, 21 and 24");
    w->text.len = strlen(w->text.bytes);
    return w3p_keypair_from_suri(&w->key, msg, w3p_key_wished(o->wish), w->text.bytes, w->text.len);
}

int w3p_key_new(struct w3p_errmsg *msg, const struct w3p_key_options *o)
{
    if (o->out == NULL && !o->print)
        return usage(msg, "where does the key go? --out FILE, or --print for the phrase on stdout; see --help");
    if (o->out == NULL && o->password_file != NULL)
        return usage(msg, "a password file needs --out FILE");
    struct work *w = w3p_secret_alloc(sizeof(*w));
    int err = o->password_file != NULL ? w3p_password_read(&w->password, msg, o->password_file) : W3P_OK;
    if (err == W3P_OK)
        err = make_phrase(w, msg, o);
    if (err == W3P_OK && o->out != NULL)
        err = write_key(msg, w, o);
    if (err == W3P_OK && o->print)
        err = print_phrase(msg, &w->text, o);
    if (err == W3P_OK) {
        w3p_key_print(o->print ? stderr : stdout, &w->key,
                      o->password_file != NULL ? W3P_KEY_KIND_KEYSTORE : W3P_KEY_KIND_PHRASE, o->json);
        name_lost_scheme(o, &w->key);
    }
    w3p_secret_free(w);
    return err == W3P_OK ? W3P_EXIT_OK : W3P_EXIT_FAILURE;
}

// The key of the text, whatever it is: a password is a keystore's, or else that of the keystore to be written.
static int read_key(struct work *w, enum w3p_key_kind *kind, struct w3p_errmsg *msg, const struct w3p_key_options *o)
{
    struct w3p_errmsg inner;
    int err = w3p_key_read(&w->text, msg, o->file);
    if (err == W3P_OK && o->password_file != NULL)
        err = w3p_password_read(&w->password, msg, o->password_file);
    if (err != W3P_OK)
        return err;
    err = w3p_key_from_text(&w->key, kind, &inner, o->wish, &w->text, NULL);
    if (err != W3P_OK && *kind == W3P_KEY_KIND_KEYSTORE && o->password_file != NULL)
        err = w3p_key_from_text(&w->key, kind, &inner, o->wish, &w->text, &w->password);
    if (err != W3P_OK)
        w3p_fail(msg, err, "%s: %s", o->file != NULL ? o->file : "standard input", inner.text);
    return err;
}

int w3p_key_import(struct w3p_errmsg *msg, const struct w3p_key_options *o)
{
    enum w3p_key_kind kind = W3P_KEY_KIND_SEED;
    if (o->out == NULL)
        return usage(msg, "where does the key go? --out FILE; see --help");
    struct work *w = w3p_secret_alloc(sizeof(*w));
    int err = read_key(w, &kind, msg, o);
    if (err == W3P_OK)
        err = write_key(msg, w, o);
    if (err == W3P_OK) {
        w3p_key_print(stdout, &w->key, o->password_file != NULL ? W3P_KEY_KIND_KEYSTORE : kind, o->json);
        name_lost_scheme(o, &w->key);
    }
    w3p_secret_free(w);
    return err == W3P_OK ? W3P_EXIT_OK : W3P_EXIT_FAILURE;
}
