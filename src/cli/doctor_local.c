// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the checks of doctor.h that need no node: configuration, key, disk, and the running gateway.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/encoding.h"
#include "cli/admin.h"
#include "cli/doctor.h"
#include "cli/keyfile.h"
#include "cli/serve_auth.h"
#include "crypto/secret.h"
#include "store/lockfile.h"

#define MIB ((uint64_t)1 << 20)
#define DISK_FAIL (64 * MIB)
#define DISK_WARN (1024 * MIB)

static bool is_set(const char *text)
{
    return text != NULL && text[0] != '\0';
}

static void check_accounts(struct w3p_doctor *d)
{
    struct w3p_access *access = NULL;
    struct w3p_errmsg msg;
    if (w3p_access_create(&access, &msg, &d->settings.access, is_set(d->settings.crust.key_uri)) != W3P_OK)
        w3p_doctor_find(d, W3P_HEALTH_FAIL, "accounts", "%s", msg.text);
    else if (w3p_access_effective(access) == W3P_ACCESS_OPEN && !is_set(d->settings.crust.key_uri))
        w3p_doctor_find(d, W3P_HEALTH_WARN, "accounts",
                        "every wallet may pin, and you pay: list the accounts (accounts.allow)");
    else if (w3p_access_effective(access) == W3P_ACCESS_OPEN)
        w3p_doctor_find(d, W3P_HEALTH_OK, "accounts", "every wallet may pin (development)");
    else if (w3p_access_count(access) == 0)
        w3p_doctor_find(d, W3P_HEALTH_WARN, "accounts",
                        "nobody may pin: set accounts.allow, accounts.allow_file or accounts.mode=open");
    else
        w3p_doctor_find(d, W3P_HEALTH_OK, "accounts", "%zu may pin", w3p_access_count(access));
    w3p_access_destroy(access);
}

// Settings of signing in, and whether tokens that expire can be used here at all.
static void check_auth(struct w3p_doctor *d, bool development)
{
    struct w3p_authn *authn = NULL;
    struct w3p_errmsg msg;
    if (w3p_serve_authn(&authn, &msg, &d->settings) != W3P_OK)
        w3p_doctor_find(d, W3P_HEALTH_FAIL, "auth", "%s", msg.text);
    else if (w3p_hosts_count(w3p_authn_audiences(authn)) == 0)
        w3p_doctor_find(d, development ? W3P_HEALTH_OK : W3P_HEALTH_WARN, "auth", "%s", W3P_SERVE_NO_AUDIENCE);
    else
        w3p_doctor_find(d, W3P_HEALTH_OK, "auth", "clients reach it as %s",
                        w3p_hosts_at(w3p_authn_audiences(authn), 0));
    w3p_authn_destroy(authn);
}

void w3p_doctor_config(struct w3p_doctor *d)
{
    struct w3p_errmsg msg, doubt;
    char *delegates = NULL;
    bool development = is_set(d->settings.crust.key_uri);
    w3p_doctor_find(d, W3P_HEALTH_OK, "config", "read");
    int err = w3p_server_check(&msg, &d->settings.http);
    if (err != W3P_OK)
        w3p_doctor_find(d, err == W3P_E_STATE ? W3P_HEALTH_WARN : W3P_HEALTH_FAIL, "listen", "%s", msg.text);
    if (w3p_delegates_json(&delegates, &doubt, &msg, d->settings.psa.delegates) != W3P_OK)
        w3p_doctor_find(d, W3P_HEALTH_FAIL, "delegates", "%s", msg.text);
    else if (doubt.text[0] != '\0' && !development)
        w3p_doctor_find(d, W3P_HEALTH_WARN, "delegates", "%s", doubt.text);
    if (!is_set(d->settings.crust.genesis) && !development)
        w3p_doctor_find(d, W3P_HEALTH_WARN, "genesis",
                        "the first endpoint that answers decides which chain it is: set crust.genesis");
    free(delegates);
    check_accounts(d);
    if (err == W3P_OK || err == W3P_E_STATE) // else its addresses are wrong, which is said above
        check_auth(d, development);
}

void w3p_doctor_key(struct w3p_doctor *d)
{
    const struct w3p_crust_settings *s = &d->settings.crust;
    struct w3p_errmsg msg;
    uint8_t account32[32];
    char hex[65];
    if (is_set(s->key_file) == is_set(s->key_uri)) {
        w3p_doctor_find(d, W3P_HEALTH_FAIL, "key", "set exactly one of crust.key_file and crust.key_uri");
        return;
    }
    struct w3p_keypair *key = w3p_secret_alloc(sizeof *key);
    int err = w3p_key_load(
        key, NULL, &msg,
        &(struct w3p_key_source){
            .uri = s->key_uri, .path = s->key_file, .password_path = s->key_password_file, .wish = s->key_scheme});
    if (err != W3P_OK) {
        w3p_secret_free(key);
        w3p_doctor_find(d, W3P_HEALTH_FAIL, "key", "%s", msg.text);
        return;
    }
    w3p_keypair_account(account32, key);
    w3p_hex_encode(hex, account32, 32);
    w3p_doctor_find(d, W3P_HEALTH_OK, "key", "%s, account 0x%s%s", w3p_key_type_name(key->type), hex,
                    is_set(s->key_uri) ? " (development)" : "");
    d->key = key;
}

// Its folder, and room in it. The database itself is left alone.
void w3p_doctor_disk(struct w3p_doctor *d)
{
    struct w3p_errmsg msg;
    struct statvfs fs;
    char *path = NULL;
    if (w3p_store_path_resolve(&path, &msg, d->settings.store.path) != W3P_OK) {
        w3p_doctor_find(d, W3P_HEALTH_FAIL, "disk", "%s", msg.text);
        return;
    }
    char *slash = strrchr(path, '/');
    bool writable = access(path, F_OK) != 0 || faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS) == 0;
    slash[slash == path ? 1 : 0] = '\0';
    if (!writable || faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS) != 0) {
        w3p_doctor_find(d, W3P_HEALTH_FAIL, "disk",
                        "this user cannot write %s in %.200s: run doctor as the gateway's user, or change the owner",
                        writable ? "new files" : "the database", path);
    } else if (statvfs(path, &fs) != 0) {
        w3p_doctor_find(d, W3P_HEALTH_FAIL, "disk", "%.200s: %s", path, strerror(errno));
    } else {
        uint64_t left = (uint64_t)fs.f_bavail * fs.f_frsize;
        bool none = left < DISK_FAIL || (fs.f_files > 0 && fs.f_favail == 0);
        w3p_doctor_find(d,
                        none               ? W3P_HEALTH_FAIL
                        : left < DISK_WARN ? W3P_HEALTH_WARN
                                           : W3P_HEALTH_OK,
                        "disk", "%llu MiB left in %.200s%s", (unsigned long long)(left / MIB), path,
                        left < DISK_WARN || none ? ": make room" : "");
    }
    free(path);
}

static void judge_status(struct w3p_doctor *d)
{
    const json_t *status = d->status;
    const char *waiting = w3p_admin_text(status, "waiting");
    w3p_doctor_find(d, W3P_HEALTH_OK, "gateway", "running, process %lld: %lld queued, %lld in flight",
                    w3p_admin_number(status, "pid"), w3p_admin_number(status, "queued"),
                    w3p_admin_number(status, "in_flight"));
    if (!json_is_true(json_object_get(status, "store_healthy")))
        w3p_doctor_find(d, W3P_HEALTH_FAIL, "database", "cannot be written: see the gateway's log and the disk");
    if (json_is_true(json_object_get(status, "paused")))
        w3p_doctor_find(d, W3P_HEALTH_WARN, "paused", "ordering is paused by the operator: w3pin resume ends it");
    else if (waiting[0] != '\0')
        w3p_doctor_find(d, W3P_HEALTH_WARN, "orders", "wait: %s", waiting);
    if (w3p_admin_number(status, "failed") > 0)
        w3p_doctor_find(d, W3P_HEALTH_WARN, "failed",
                        "%lld contents were refused: w3pin orders --failed shows them, w3pin retry tries again",
                        w3p_admin_number(status, "failed"));
}

void w3p_doctor_gateway(struct w3p_doctor *d)
{
    struct w3p_errmsg msg;
    json_t *stuck = NULL;
    if (strcmp(d->settings.admin.socket, "off") == 0) {
        w3p_doctor_find(d, W3P_HEALTH_OK, "gateway", "not asked: admin.socket is off");
        return;
    }
    int err = w3p_admin_call(&d->status, &msg, &d->settings, "GET", "/status", NULL);
    if (err != W3P_OK) {
        d->status = NULL;
        w3p_doctor_find(d, err == W3P_E_UNREACHABLE ? W3P_HEALTH_WARN : W3P_HEALTH_FAIL, "gateway", "%s", msg.text);
        return;
    }
    judge_status(d);
    err = w3p_admin_call(&stuck, &msg, &d->settings, "GET", "/orders?filter=stuck&limit=100", NULL);
    size_t count = err == W3P_OK ? json_array_size(json_object_get(stuck, "orders")) : 0;
    if (count > 0)
        w3p_doctor_find(d, W3P_HEALTH_WARN, "stuck", "%zu%s contents do not move: w3pin orders --stuck says why", count,
                        json_is_true(json_object_get(stuck, "more")) ? " or more" : "");
    json_decref(stuck);
}
