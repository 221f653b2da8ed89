// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the seed file: who may read it, what may be in it, and that no sentence quotes it.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/keyfile.h"
#include "crypto/hash.h"

TestSuite(cli_keyfile, .init = w3p_crypto_init, .timeout = 20);

#define SEED "0101010101010101010101010101010101010101010101010101010101010101"
#define SEED_UPPER "ABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABAB"

static char folder[64];

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
    for (const char *const *name = (const char *const[]){"k", "l", "f", NULL}; *name != NULL; name++) {
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
    {TEXT("bottom drive obey lake curtain smoke basket hold race lonely fit walk"), false},
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
        int err = w3p_keyfile_load(&key, &msg, W3P_KEY_ED25519, path);
        cr_expect(err == (contents[i].fine ? W3P_OK : W3P_E_INVALID), "%zu: %s", i, msg.text);
        cr_expect(strstr(msg.text, "0101") == NULL && strstr(msg.text, "bottom") == NULL, "%s", msg.text);
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
        cr_assert(w3p_keyfile_load(&key, &msg, (enum w3p_key_type)type, path) == W3P_OK);
        cr_assert(w3p_keypair_from_seed(&wanted, (enum w3p_key_type)type, seed32) == W3P_OK);
        cr_expect(key.pub_len == wanted.pub_len && memcmp(key.pub33, wanted.pub33, key.pub_len) == 0);
    }
    // zero is no secp256k1 key
    char zeros[64];
    struct w3p_keypair key;
    struct w3p_errmsg msg;
    memset(zeros, '0', sizeof(zeros));
    path = write_file("k", zeros, sizeof(zeros), 0600);
    cr_expect(w3p_keyfile_load(&key, &msg, W3P_KEY_ECDSA, path) == W3P_E_INVALID);
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
        int err = w3p_keyfile_load(&key, &msg, W3P_KEY_SR25519, path);
        cr_expect(err == ((mode & 077) == 0 ? W3P_OK : W3P_E_FORBIDDEN), "mode %o: %s", mode, msg.text);
        if (err != W3P_OK) {
            char advice[160];
            snprintf(advice, sizeof(advice), "chmod 600 %s", path);
            cr_expect(strstr(msg.text, advice) != NULL, "%s", msg.text);
        }
    }
    remove_all();
}

Test(cli_keyfile, what_is_no_file)
{
    struct w3p_keypair key;
    struct w3p_errmsg msg;
    char target[128], link_path[128], fifo[128];
    snprintf(target, sizeof(target), "%s", write_file("k", SEED, 64, 0600));
    snprintf(link_path, sizeof(link_path), "%s/l", folder);
    snprintf(fifo, sizeof(fifo), "%s/f", folder);
    cr_expect(w3p_keyfile_load(&key, &msg, W3P_KEY_SR25519, "/nonexistent/key") == W3P_E_IO);
    cr_expect(w3p_keyfile_load(&key, &msg, W3P_KEY_SR25519, folder) == W3P_E_INVALID);
    cr_assert(mkfifo(fifo, 0600) == 0);
    cr_expect(w3p_keyfile_load(&key, &msg, W3P_KEY_SR25519, fifo) == W3P_E_INVALID);

    // our own link to our own file is fine; what counts is the file's mode
    cr_assert(symlink(target, link_path) == 0);
    cr_expect(w3p_keyfile_load(&key, &msg, W3P_KEY_SR25519, link_path) == W3P_OK);
    cr_assert(chmod(target, 0640) == 0);
    cr_expect(w3p_keyfile_load(&key, &msg, W3P_KEY_SR25519, link_path) == W3P_E_FORBIDDEN);
    if (geteuid() == 0) { // only root can give files away
        cr_assert(chmod(target, 0600) == 0 && lchown(link_path, 65534, 65534) == 0);
        cr_expect(w3p_keyfile_load(&key, &msg, W3P_KEY_SR25519, link_path) == W3P_E_FORBIDDEN);
        cr_assert(chown(target, 65534, 65534) == 0);
        cr_expect(w3p_keyfile_load(&key, &msg, W3P_KEY_SR25519, target) == W3P_E_FORBIDDEN);
    }
    remove_all();
}

// crust.key_file=<the key> is an easy slip, and the sentence goes to the log.
Test(cli_keyfile, a_key_in_place_of_a_path_is_not_quoted)
{
    static const char phrase[] = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";
    static const char *const slips[] = {SEED, "0x" SEED, SEED_UPPER, SEED "01", phrase};
    for (size_t i = 0; i < sizeof(slips) / sizeof(slips[0]); i++) {
        struct w3p_keypair key;
        struct w3p_errmsg msg = {.text = ""};
        cr_expect(w3p_keyfile_load(&key, &msg, W3P_KEY_SR25519, slips[i]) == W3P_E_INVALID, "%zu", i);
        cr_expect(strstr(msg.text, "0101") == NULL && strstr(msg.text, "ABAB") == NULL &&
                      strstr(msg.text, "bottom") == NULL,
                  "%s", msg.text);
        cr_expect(strstr(msg.text, "path") != NULL, "%s", msg.text);
    }
    // a folder in front of it makes it a path
    struct w3p_keypair key;
    struct w3p_errmsg msg = {.text = ""};
    cr_expect(w3p_keyfile_load(&key, &msg, W3P_KEY_SR25519, "/nonexistent/" SEED) == W3P_E_IO);
}

Test(cli_keyfile, exactly_one_source)
{
    struct w3p_keypair key;
    struct w3p_errmsg msg;
    cr_expect(w3p_key_choose(&key, &msg, W3P_KEY_SR25519, NULL, NULL) == W3P_E_INVALID);
    cr_expect(w3p_key_choose(&key, &msg, W3P_KEY_SR25519, "//Alice", "k") == W3P_E_INVALID);
    cr_expect(w3p_key_choose(&key, &msg, W3P_KEY_SR25519, "Alice", NULL) != W3P_OK);
    cr_expect(w3p_key_choose(&key, &msg, W3P_KEY_SR25519, "//Alice", NULL) == W3P_OK);
}
