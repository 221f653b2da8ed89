// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the key file: who may read it, what may be in it, and that no sentence quotes it.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/encoding.h"
#include "cli/keyfile.h"
#include "crypto/hash.h"
#include "crypto/secret.h"
#include "vectors/keystore.h"

TestSuite(cli_keyfile, .init = w3p_crypto_init, .timeout = 20);

#define SEED "0101010101010101010101010101010101010101010101010101010101010101"
#define WINNER "legal winner thank year wave sausage worth useful legal winner thank yellow"
#define SEED_UPPER "ABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABAB"

static char folder[64];

// As before keystores came: no password, one scheme.
static int load(struct w3p_keypair *key, struct w3p_errmsg *msg, enum w3p_key_type type, const char *path)
{
    static const int wishes[] = {[W3P_KEY_SR25519] = W3P_KEY_WISH_SR25519,
                                 [W3P_KEY_ED25519] = W3P_KEY_WISH_ED25519,
                                 [W3P_KEY_ECDSA] = W3P_KEY_WISH_ECDSA};
    return w3p_key_load(key, NULL, msg, &(struct w3p_key_source){.path = path, .wish = wishes[type]});
}

static const char *write_file(const char *name, const void *bytes, size_t len, mode_t mode)
{
    static char path[128];
    if (folder[0] == '\0') {
        snprintf(folder, sizeof(folder), "%s/w3pin-key-XXXXXX", P_tmpdir);
        cr_assert(mkdtemp(folder) != NULL);
    }
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    cr_assert(fd >= 0 && write(fd, bytes, len) == (ssize_t)len && fchmod(fd, mode) == 0);
    close(fd);
    return path;
}

static void remove_all(void)
{
    char command[128];
    for (const char *const *name = (const char *const[]){"k", "l", "f", "p", "o", NULL}; *name != NULL; name++) {
        snprintf(command, sizeof(command), "%s/%s", folder, *name);
        unlink(command);
    }
    rmdir(folder);
}

static const struct {
    const char *bytes;
    size_t len;
    bool fine;
} contents[] = {
#define TEXT(s) s, sizeof(s) - 1
    {TEXT(SEED), true},
    {TEXT(SEED "\n"), true},
    {TEXT(SEED "\r\n"), true},
    {TEXT("0x" SEED "\n"), true},
    {TEXT("0x" SEED "\r\n"), true},
    {TEXT(SEED_UPPER), true},
    {TEXT(""), false},
    {TEXT("\n"), false},
    {TEXT("0x"), false},
    {TEXT(SEED "\n\n"), false},
    {TEXT(" " SEED), false},
    {TEXT(SEED " "), false},
    {TEXT(SEED "01"), false},
    {TEXT("0x" SEED "01"), false},
    {TEXT("0x0x" SEED), false},
    {TEXT("0x" SEED "\r\n\n"), false},
    {TEXT("0101"), false},
    {TEXT("01010101010101010101010101010101010101010101010101010101010101"), false},
    {TEXT("010101010101010101010101010101010101010101010101010101010101010"), false},
    {TEXT("g101010101010101010101010101010101010101010101010101010101010101"), false},
    {TEXT(WINNER), true},
    {TEXT(WINNER "\n"), true},
    {TEXT("  legal winner thank year wave sausage\nworth useful legal winner thank yellow \r\n"), true},
    {TEXT(WINNER "//0//stash///pass word\r\n"), true},
    {TEXT("0x" SEED "//0\n"), true},
    {TEXT("legal winner thank year wave sausage worth useful legal winner thank"), false},
    {TEXT(WINNER "/soft"), false}, // ed25519 here
    {TEXT(WINNER "//0\n\n"), false},
    {TEXT(SEED "//0"), false},
    {TEXT("{}"), false},
    {TEXT("//Alice"), false},
    {TEXT(SEED "\0"), false},
    {TEXT("\0" SEED), false},
};

Test(cli_keyfile, content)
{
    for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++) {
        const char *path = write_file("k", contents[i].bytes, contents[i].len, 0600);
        struct w3p_keypair key;
        struct w3p_errmsg msg = {.text = ""};
        int err = load(&key, &msg, W3P_KEY_ED25519, path);
        cr_expect(contents[i].fine ? err == W3P_OK : err == W3P_E_INVALID || err == W3P_E_UNSUPPORTED, "%zu: %s", i,
                  msg.text);
        cr_expect(strstr(msg.text, "0101") == NULL && strstr(msg.text, "winner") == NULL, "%s", msg.text);
    }
    remove_all();
}

Test(cli_keyfile, the_seed_makes_the_key)
{
    const char *path = write_file("k", SEED "\n", 65, 0400);
    uint8_t seed32[32];
    memset(seed32, 1, sizeof(seed32));
    for (int type = W3P_KEY_SR25519; type <= W3P_KEY_ECDSA; type++) {
        struct w3p_keypair key, wanted;
        struct w3p_errmsg msg;
        cr_assert(load(&key, &msg, (enum w3p_key_type)type, path) == W3P_OK);
        cr_assert(w3p_keypair_from_seed(&wanted, (enum w3p_key_type)type, seed32) == W3P_OK);
        cr_expect(key.pub_len == wanted.pub_len && memcmp(key.pub33, wanted.pub33, key.pub_len) == 0);
    }
    // zero is no secp256k1 key
    char zeros[64];
    struct w3p_keypair key;
    struct w3p_errmsg msg;
    memset(zeros, '0', sizeof(zeros));
    path = write_file("k", zeros, sizeof(zeros), 0600);
    cr_expect(load(&key, &msg, W3P_KEY_ECDSA, path) == W3P_E_INVALID);
    remove_all();
}

Test(cli_keyfile, permissions)
{
    for (mode_t mode = 0400; mode <= 0777; mode++) {
        if ((mode & 0400) == 0)
            continue;
        const char *path = write_file("k", SEED, 64, mode);
        struct w3p_keypair key;
        struct w3p_errmsg msg = {.text = ""};
        int err = load(&key, &msg, W3P_KEY_SR25519, path);
        cr_expect(err == ((mode & 077) == 0 ? W3P_OK : W3P_E_FORBIDDEN), "mode %o: %s", mode, msg.text);
        if (err != W3P_OK) {
            char advice[160];
            snprintf(advice, sizeof(advice), "chmod 600 %s", path);
            cr_expect(strstr(msg.text, advice) != NULL, "%s", msg.text);
        }
    }
    remove_all();
}

// Only root can give a file away.
Test(cli_keyfile, files_of_other_users)
{
    struct w3p_keypair key;
    struct w3p_errmsg msg;
    char target[128], link_path[128];
    if (geteuid() != 0)
        return;
    snprintf(target, sizeof(target), "%s", write_file("k", SEED, 64, 0600));
    snprintf(link_path, sizeof(link_path), "%s/l", folder);
    cr_assert(symlink(target, link_path) == 0);
    cr_expect(load(&key, &msg, W3P_KEY_SR25519, link_path) == W3P_OK);
    cr_assert(lchown(link_path, 65534, 65534) == 0);
    cr_expect(load(&key, &msg, W3P_KEY_SR25519, link_path) == W3P_E_FORBIDDEN);
    cr_expect(strstr(msg.text, "link of another user") != NULL, "%s", msg.text);
    cr_assert(chown(target, 65534, 65534) == 0);
    cr_expect(load(&key, &msg, W3P_KEY_SR25519, target) == W3P_E_FORBIDDEN);
    cr_expect(strstr(msg.text, "another user") != NULL, "%s", msg.text);
    remove_all();
}

Test(cli_keyfile, a_refused_key_is_not_left_behind)
{
    struct w3p_secret_text text = {.len = 64}, password = {.bytes = "x", .len = 1};
    struct w3p_keypair key;
    static const struct w3p_keypair nothing;
    struct w3p_errmsg msg;
    memcpy(text.bytes, SEED, 64);
    cr_assert(w3p_key_from_text(&key, NULL, &msg, W3P_KEY_WISH_AUTO, &text, NULL) == W3P_OK);
    cr_assert(memcmp(&key, &nothing, sizeof(key)) != 0);
    cr_expect(w3p_key_from_text(&key, NULL, &msg, W3P_KEY_WISH_AUTO, &text, &password) == W3P_E_INVALID);
    cr_expect(memcmp(&key, &nothing, sizeof(key)) == 0);
}

Test(cli_keyfile, what_is_no_file)
{
    struct w3p_keypair key;
    struct w3p_errmsg msg;
    char target[128], link_path[128], fifo[128];
    snprintf(target, sizeof(target), "%s", write_file("k", SEED, 64, 0600));
    snprintf(link_path, sizeof(link_path), "%s/l", folder);
    snprintf(fifo, sizeof(fifo), "%s/f", folder);
    cr_expect(load(&key, &msg, W3P_KEY_SR25519, "/nonexistent/key") == W3P_E_IO);
    cr_expect(load(&key, &msg, W3P_KEY_SR25519, folder) == W3P_E_INVALID);
    cr_assert(mkfifo(fifo, 0600) == 0);
    cr_expect(load(&key, &msg, W3P_KEY_SR25519, fifo) == W3P_E_INVALID);

    // our own link to our own file is fine; what counts is the file's mode
    cr_assert(symlink(target, link_path) == 0);
    cr_expect(load(&key, &msg, W3P_KEY_SR25519, link_path) == W3P_OK);
    cr_assert(chmod(target, 0640) == 0);
    cr_expect(load(&key, &msg, W3P_KEY_SR25519, link_path) == W3P_E_FORBIDDEN);
    if (geteuid() == 0) { // only root can give files away
        cr_assert(chmod(target, 0600) == 0 && lchown(link_path, 65534, 65534) == 0);
        cr_expect(load(&key, &msg, W3P_KEY_SR25519, link_path) == W3P_E_FORBIDDEN);
        cr_assert(chown(target, 65534, 65534) == 0);
        cr_expect(load(&key, &msg, W3P_KEY_SR25519, target) == W3P_E_FORBIDDEN);
    }
    remove_all();
}

// crust.key_file=<the key> is an easy slip, and the sentence goes to the log.
Test(cli_keyfile, a_key_in_place_of_a_path_is_not_quoted)
{
    static const char phrase[] = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";
    static const char *const slips[] = {SEED,   "0x" SEED,        SEED_UPPER,     SEED "01",
                                        phrase, WINNER "//0///p", "0x" SEED "//0"};
    for (size_t i = 0; i < sizeof(slips) / sizeof(slips[0]); i++) {
        struct w3p_keypair key;
        struct w3p_errmsg msg = {.text = ""};
        cr_expect(load(&key, &msg, W3P_KEY_SR25519, slips[i]) == W3P_E_INVALID, "%zu", i);
        cr_expect(strstr(msg.text, "0101") == NULL && strstr(msg.text, "ABAB") == NULL &&
                      strstr(msg.text, "bottom") == NULL,
                  "%s", msg.text);
        cr_expect(strstr(msg.text, "path") != NULL, "%s", msg.text);
    }
    // a folder in front of it makes it a path
    struct w3p_keypair key;
    struct w3p_errmsg msg = {.text = ""};
    cr_expect(load(&key, &msg, W3P_KEY_SR25519, "/nonexistent/" SEED) == W3P_E_IO);
}

Test(cli_keyfile, exactly_one_source)
{
    static const struct {
        struct w3p_key_source source;
        int err;
        const char *says;
    } cases[] = {
        {{.uri = NULL}, W3P_E_INVALID, "exactly one"},
        {{.uri = "", .path = ""}, W3P_E_INVALID, "exactly one"},
        {{.uri = "//Alice", .path = "k"}, W3P_E_INVALID, "exactly one"},
        {{.uri = "Alice"}, W3P_E_INVALID, "begins with //"},
        {{.uri = "0x" SEED}, W3P_E_INVALID, "begins with //"},
        {{.uri = "0x" SEED "//0"}, W3P_E_INVALID, "begins with //"},
        {{.uri = WINNER}, W3P_E_INVALID, "begins with //"},
        {{.uri = "//Alice", .password_path = "p"}, W3P_E_INVALID, "no password file"},
        {{.uri = "//Alice"}, W3P_OK, ""},
        {{.uri = "//Alice", .path = "", .password_path = ""}, W3P_OK, ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct w3p_keypair key;
        struct w3p_errmsg msg = {.text = ""};
        cr_expect(w3p_key_load(&key, NULL, &msg, &cases[i].source) == cases[i].err, "%zu: %s", i, msg.text);
        cr_expect(strstr(msg.text, cases[i].says) != NULL, "%zu: %s", i, msg.text);
        cr_expect(strstr(msg.text, "0101") == NULL && strstr(msg.text, "winner") == NULL, "%s", msg.text);
    }
}

// The bad input of the keystore: one line each that says which and what to do, and nothing of the secret.
static void refused(const char *line, const char *path, const char *password, int wish)
{
    struct w3p_keypair key;
    struct w3p_errmsg msg = {.text = ""};
    char wanted[400];
    char password_path[128] = "";
    char key_path[128];
    snprintf(key_path, sizeof(key_path), "%s", path); // write_file has one buffer
    if (password != NULL)
        snprintf(password_path, sizeof(password_path), "%s", write_file("p", password, strlen(password), 0600));
    snprintf(wanted, sizeof(wanted), "key file %s: %s", key_path, line);
    cr_expect(w3p_key_load(&key, NULL, &msg,
                           &(struct w3p_key_source){.path = key_path, .password_path = password_path, .wish = wish}) !=
              W3P_OK);
    cr_expect(strcmp(msg.text, wanted) == 0, "%s is not %s", msg.text, wanted);
    cr_expect(strchr(msg.text, '\n') == NULL && strstr(msg.text, "123456") == NULL);
}

static const char *keystore_file(size_t len)
{
    const char *json = keystore_vectors[0].json;
    return write_file("k", json, len != 0 ? len : strlen(json), 0600);
}

Test(cli_keyfile, keystore_with_the_wrong_password)
{
    refused("wrong password for this keystore, or the file is damaged; give the password that it was exported with",
            keystore_file(0), "1234567\n", 0);
    refused("an encrypted keystore; put its password into a file of mode 0600 and name that (--password-file, or "
            "crust.key_password_file of the gateway)",
            keystore_file(0), NULL, 0);
    remove_all();
}

Test(cli_keyfile, keystore_of_the_wrong_kind)
{
    refused("a keystore with a key of kind sr25519, and ecdsa is wanted; use another file or ask for sr25519",
            keystore_file(0), "123456\n", W3P_KEY_WISH_ECDSA);
    refused("a seed, which has no password; leave the password file out", write_file("k", SEED "\n", 65, 0600),
            "123456\n", 0);
    refused("a phrase, which has no password; leave the password file out",
            write_file("k", WINNER "\n", sizeof(WINNER), 0600), "123456\n", 0);
    remove_all();
}

Test(cli_keyfile, keystore_that_is_truncated)
{
    refused("begins like a JSON keystore and is no JSON; is the file whole?", keystore_file(300), "123456", 0);
    refused("neither a seed of 64 hex digits nor a phrase nor a JSON keystore of polkadot.js; is it cut short?",
            write_file("k", SEED, 40, 0600), NULL, 0);
    refused("the phrase has 4 words, not 12, 15, 18, 21 or 24", write_file("k", WINNER, 23, 0600), NULL, 0);
    refused("empty", write_file("k", "", 0, 0600), NULL, 0);
    remove_all();
}

Test(cli_keyfile, keystore_whose_public_key_is_not_its_address)
{
    char json[2048];
    snprintf(json, sizeof(json), "%s", keystore_vectors[0].json);
    char *at = strstr(json, "cTHqXgHChchei9XmEaFnm6FCsGods1XA43kbMkyF5UmLTGT9D");
    cr_assert(at != NULL);
    memcpy(at, "cTM8suyN19VZb7JEPRNvtezyfpEAJyYxHkk1n5J4XEr6XroRa", 49); // //Alice's
    refused(
        "the keystore's key is 5DZbgt4wZCci4KnqJjUHFTjdXggSGPVaffH6t4nw3CWFKnGk, which is not the address written in "
        "it; take another copy of the file",
        write_file("k", json, strlen(json), 0600), "123456", 0);
    remove_all();
}

Test(cli_keyfile, too_long)
{
    static char wide[W3P_KEYSTORE_TEXT_MAX + 100];
    memset(wide, 'a', sizeof(wide));
    refused("longer than any key (16384 bytes)", write_file("k", wide, sizeof(wide), 0600), NULL, 0);
    remove_all();
}

Test(cli_keyfile, password_file)
{
    static char wide[W3P_KEYSTORE_PASSWORD_MAX + 2];
    static const struct {
        const char *text, *password;
        int err;
    } cases[] = {{"123456", "123456", W3P_OK},
                 {"123456\n", "123456", W3P_OK},
                 {"123456\r\n", "123456", W3P_OK},
                 {"123456\n\n", NULL, W3P_E_INVALID},
                 {"123456\nnote\n", NULL, W3P_E_INVALID},
                 {" 1 ", " 1 ", W3P_OK},
                 {"", NULL, W3P_E_INVALID},
                 {"\n", NULL, W3P_E_INVALID},
                 {wide, NULL, W3P_E_LIMIT}};
    memset(wide, 'x', sizeof(wide) - 1);
    struct w3p_secret_text *text = w3p_secret_alloc(sizeof(*text));
    struct w3p_errmsg msg = {.text = ""};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *path = write_file("p", cases[i].text, strlen(cases[i].text), 0600);
        cr_expect(w3p_password_read(text, &msg, path) == cases[i].err, "%zu: %s", i, msg.text);
        cr_expect(cases[i].err != W3P_OK || (text->len == strlen(cases[i].password) &&
                                             memcmp(text->bytes, cases[i].password, text->len) == 0),
                  "%zu", i);
    }
    cr_expect(w3p_password_read(text, &msg, write_file("p", "123456", 6, 0644)) == W3P_E_FORBIDDEN);
    cr_expect(strstr(msg.text, "chmod 600") != NULL, "%s", msg.text);
    // the password itself in place of the path
    cr_expect(w3p_password_read(text, &msg, "hunter2") == W3P_E_IO);
    cr_expect(strstr(msg.text, "hunter2") == NULL && strstr(msg.text, "path") != NULL, "%s", msg.text);
    w3p_secret_free(text);
    remove_all();
}

Test(cli_keyfile, keystores_open)
{
    for (size_t i = 0; i < sizeof(keystore_vectors) / sizeof(keystore_vectors[0]); i++) {
        char key_path[128], password_path[128], hex[67];
        struct w3p_keypair key;
        struct w3p_errmsg msg = {.text = ""};
        enum w3p_key_kind kind = W3P_KEY_KIND_SEED;
        const char *json = keystore_vectors[i].json, *password = keystore_vectors[i].password;
        snprintf(key_path, sizeof(key_path), "%s", write_file("k", json, strlen(json), 0600));
        snprintf(password_path, sizeof(password_path), "%s", write_file("p", password, strlen(password), 0600));
        int err =
            w3p_key_load(&key, &kind, &msg, &(struct w3p_key_source){.path = key_path, .password_path = password_path});
        cr_assert(err == W3P_OK && kind == W3P_KEY_KIND_KEYSTORE, "%s", msg.text);
        w3p_hex_encode(hex, key.pub33, key.pub_len);
        cr_expect(strcmp(hex, keystore_vectors[i].pub) == 0, "%s", hex);
        cr_expect(key.type == keystore_vectors[i].type);
    }
    remove_all();
}

Test(cli_keyfile, a_new_file_is_private_whole_and_replaces_nothing)
{
    struct w3p_errmsg msg = {.text = ""};
    struct stat info;
    char path[128], text[16] = "";
    snprintf(path, sizeof(path), "%s", write_file("k", SEED, 64, 0600));
    mode_t mask = umask(0);
    cr_expect(w3p_keyfile_write(&msg, path, "new", 3) == W3P_E_EXISTS);
    cr_expect(strstr(msg.text, "no key is ever replaced") != NULL, "%s", msg.text);
    snprintf(path, sizeof(path), "%s/o", folder);
    cr_assert(w3p_keyfile_write(&msg, path, "new", 3) == W3P_OK, "%s", msg.text);
    cr_expect(w3p_keyfile_write(&msg, path, "other", 5) == W3P_E_EXISTS);
    umask(mask);
    cr_assert(stat(path, &info) == 0);
    cr_expect(eq(u32, info.st_mode & 0777, 0600));
    cr_expect(eq(u64, (uint64_t)info.st_nlink, 1));
    FILE *file = fopen(path, "r");
    cr_assert(file != NULL && fgets(text, sizeof(text), file) != NULL);
    fclose(file);
    cr_expect(strcmp(text, "new") == 0, "%s", text);
    cr_expect(w3p_keyfile_write(&msg, "/nonexistent/o", "x", 1) == W3P_E_IO);
    static char wide[5000];
    memset(wide, 'a', sizeof(wide) - 1);
    cr_expect(w3p_keyfile_write(&msg, wide, "x", 1) == W3P_E_LIMIT);
    remove_all(); // fails to remove the folder when a draft was left
    cr_expect(access(folder, F_OK) != 0);
}
