// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: `w3pin key`: its options, and `inspect`, the public side of a key, so that an operator sees which account it
// is. `new` and `import` are in key_make.c.
// Must not: print anything secret.
#include "cli/key.h"

#include <string.h>

#include "base/encoding.h"
#include "base/json.h"
#include "cli/cli.h"
#include "cli/flags.h"
#include "crypto/secret.h"

#define SS58_GENERIC 42
#define SS58_CRUST 66
#define WORDS_DEFAULT 12

// What is printed of a key, as text.
struct view {
    char pub[2 * 33 + 3], account[2 * 32 + 3];
    char generic[W3P_SS58_TEXT_MAX], crust[W3P_SS58_TEXT_MAX];
    char ethereum[43]; // ecdsa only; else empty
};

static void hex0x(char *out, const uint8_t *bytes, size_t len)
{
    out[0] = '0';
    out[1] = 'x';
    w3p_hex_encode(out + 2, bytes, len);
}

static void look(struct view *v, const struct w3p_keypair *key)
{
    uint8_t account32[32], address20[20];
    w3p_keypair_account(account32, key);
    hex0x(v->pub, key->pub33, key->pub_len);
    hex0x(v->account, account32, sizeof(account32));
    w3p_ss58_format(v->generic, SS58_GENERIC, account32);
    w3p_ss58_format(v->crust, SS58_CRUST, account32);
    v->ethereum[0] = '\0';
    if (key->type == W3P_KEY_ECDSA) {
        w3p_keypair_eth_address(address20, key);
        w3p_eth_address_format(v->ethereum, address20);
    }
}

static void print_json(FILE *to, const struct view *v, const char *kind, const char *scheme)
{
    struct w3p_buf out;
    struct w3p_json j;
    w3p_buf_init(&out, 4096);
    w3p_json_init(&j, &out);
    w3p_json_begin_object(&j);
    w3p_json_str_field(&j, "kind", kind);
    w3p_json_str_field(&j, "scheme", scheme);
    w3p_json_str_field(&j, "public_key", v->pub);
    w3p_json_str_field(&j, "account_id", v->account);
    w3p_json_str_field(&j, "ss58_generic", v->generic);
    w3p_json_str_field(&j, "ss58_crust", v->crust);
    if (v->ethereum[0] != '\0')
        w3p_json_str_field(&j, "ethereum", v->ethereum);
    w3p_json_end_object(&j);
    fprintf(to, "%s\n", w3p_buf_str(&out));
    w3p_buf_deinit(&out);
}

void w3p_key_print(FILE *to, const struct w3p_keypair *key, enum w3p_key_kind kind, bool json)
{
    struct view v;
    const char *scheme = w3p_key_type_name(key->type), *kind_name = w3p_key_kind_name(kind);
    look(&v, key);
    if (json) {
        print_json(to, &v, kind_name, scheme);
        return;
    }
    fprintf(to, "kind:        %s\nscheme:      %s\npublic key:  %s\naccount id:  %s\n", kind_name, scheme, v.pub,
            v.account);
    fprintf(to, "ss58 (%d):   %s\nss58 (%d):   %s\n", SS58_GENERIC, v.generic, SS58_CRUST, v.crust);
    if (v.ethereum[0] != '\0')
        fprintf(to, "ethereum:    %s\n", v.ethereum);
}

static int inspect(struct w3p_errmsg *msg, const struct w3p_key_options *o)
{
    struct w3p_key_source source = {.uri = o->uri, .path = o->file, .password_path = o->password_file, .wish = o->wish};
    enum w3p_key_kind kind = W3P_KEY_KIND_SEED;
    if ((o->uri == NULL) == (o->file == NULL)) {
        w3p_fail(msg, W3P_E_INVALID, "inspect takes one FILE, or --uri with a development key; see --help");
        return W3P_EXIT_USAGE;
    }
    struct w3p_keypair *key = w3p_secret_alloc(sizeof(*key));
    int err = w3p_key_load(key, &kind, msg, &source);
    if (err == W3P_OK)
        w3p_key_print(stdout, key, kind, o->json);
    w3p_secret_free(key);
    return err == W3P_OK ? W3P_EXIT_OK : W3P_EXIT_FAILURE;
}

// Actions and their options -----------------------------------------------------------------------------------------

enum { NEW = 1, IMPORT = 2, INSPECT = 4 };

static const struct action {
    const char *name;
    unsigned bit;
    int (*run)(struct w3p_errmsg *msg, const struct w3p_key_options *o);
} actions[] = {{"new", NEW, w3p_key_new}, {"import", IMPORT, w3p_key_import}, {"inspect", INSPECT, inspect}};

static int set_option(struct w3p_key_options *o, struct w3p_errmsg *msg, unsigned action, const struct w3p_flag *flag)
{
    const struct {
        const char *name;
        unsigned actions;
        const char **text;
    } texts[] = {{"uri", INSPECT, &o->uri},
                 {"key", INSPECT, &o->file},
                 {"in", IMPORT, &o->file},
                 {"out", NEW | IMPORT, &o->out},
                 {"password-file", NEW | IMPORT | INSPECT, &o->password_file}};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (strcmp(flag->name, texts[i].name) == 0 && (texts[i].actions & action) != 0) {
            *texts[i].text = flag->value;
            return W3P_OK;
        }
    }
    if (strcmp(flag->name, "scheme") == 0)
        return w3p_key_wish_parse(&o->wish, msg, flag->value);
    if (strcmp(flag->name, "words") == 0 && action == NEW)
        return w3p_flag_u64(&o->words, msg, flag, 12, 24);
    return w3p_flag_unknown(msg, flag);
}

static int parse_options(struct w3p_key_options *o, struct w3p_errmsg *msg, unsigned action, int argc, char **argv)
{
    struct w3p_flag flag;
    int err = W3P_OK;
    for (int i = 2; i < argc && err == W3P_OK;) {
        bool is_word = argv[i][0] != '-';
        if (strcmp(argv[i], "--json") == 0) {
            o->json = true;
            i++;
        } else if (strcmp(argv[i], "--print") == 0 && action == NEW) {
            o->print = true;
            i++;
        } else if (is_word && action == INSPECT && o->file == NULL) {
            o->file = argv[i++];
        } else if (is_word) {
            // not quoted: it may be a secret that belongs into a file
            err = w3p_fail(msg, W3P_E_INVALID,
                           "a word too many on the command line; secrets come from a file or from stdin");
        } else {
            err = w3p_flag_next(&flag, &i, msg, argc, argv);
            if (err == W3P_OK)
                err = set_option(o, msg, action, &flag);
        }
    }
    return err;
}

static int run(int argc, char **argv)
{
    struct w3p_key_options o = {.wish = W3P_KEY_WISH_AUTO, .words = WORDS_DEFAULT};
    struct w3p_errmsg msg;
    const struct action *action = NULL;
    for (size_t i = 0; argc >= 2 && i < sizeof(actions) / sizeof(actions[0]); i++)
        action = strcmp(argv[1], actions[i].name) == 0 ? &actions[i] : action;
    if (action == NULL) {
        fputs("w3pin key: the actions are 'new', 'import' and 'inspect'; see --help\n", stderr);
        return W3P_EXIT_USAGE;
    }
    int code = W3P_EXIT_USAGE;
    if (parse_options(&o, &msg, action->bit, argc, argv) == W3P_OK)
        code = action->run(&msg, &o);
    if (code != W3P_EXIT_OK)
        fprintf(stderr, "w3pin key: %s\n", msg.text);
    return code;
}

const struct w3p_command w3p_cmd_key = {
    .name = "key",
    .summary = "make, import or show the key of an account",
    .usage =
        "usage: w3pin key new [--words 12|15|18|21|24] [--out FILE [--password-file FILE]] [--print]\n"
        "       w3pin key import [--in FILE] --out FILE [--password-file FILE]\n"
        "       w3pin key inspect (FILE | --uri URI) [--password-file FILE]\n"
        "       each with [--scheme sr25519|ed25519|ecdsa] [--json]\n\n"
        "`new` makes a key with a recovery phrase. FILE gets the phrase; with a password file it gets an encrypted "
        "JSON\n"
        "keystore that polkadot.js opens, and only --print shows the phrase, on stdout: write it down, a keystore "
        "does\n"
        "not give it back. `import` checks a key (a phrase, a 32-byte seed as hex, or a JSON keystore; from stdin\n"
        "without --in) and writes it to a new file, encrypted if there is a password. `inspect` prints the public "
        "key,\n"
        "the account and its addresses with prefix 42 and 66 (Crust). Files are made with mode 0600 and never replace\n"
        "one; those that are read must be yours alone. Nothing secret is printed but by --print.\n\n"
        "  --scheme SCHEME       what the key signs with: sr25519 (default), ed25519 or ecdsa; a keystore says itself\n"
        "  --password-file FILE  holds the password of the keystore that is read or written, on one line; opening one\n"
        "                        takes up to 128 MiB of memory\n"
        "  --uri URI             a development key such as //Alice; a real one never goes on a command line\n"
        "  --print               the phrase alone on stdout, everything else on stderr\n"
        "  --json                the public side as one JSON object\n",
    .run = run,
};
