// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the requests of the admin socket and of /price and /account on a gateway whose engine stands still: what is
// refused, what is answered, and that no address has the operator's routes.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway.h"
#include "net/net.h"
#include "operator_store.h"

static struct w3p_server *admin;
static char dir[64], path[96];

static void setup(void)
{
    static const struct w3p_http_settings settings = {
        .request_timeout_ms = 2000, .idle_timeout_ms = 2000, .drain_timeout_ms = 500, .max_connections = 8};
    struct w3p_errmsg msg = {0};
    w3p_net_global_init();
    gateway_start();
    snprintf(dir, sizeof dir, "%s/w3pin-admin-XXXXXX", P_tmpdir);
    cr_assert(mkdtemp(dir) != NULL);
    snprintf(path, sizeof path, "%s/s", dir);
    struct w3p_server_conf conf = {.settings = &settings,
                                   .unix_path = path,
                                   .routes = w3p_admin_routes,
                                   .app = &gateway_app,
                                   .thread_init = w3p_app_thread_init,
                                   .thread_deinit = w3p_app_thread_deinit,
                                   .thread_tidy = w3p_app_thread_tidy};
    cr_assert(eq(int, w3p_server_start(&admin, &msg, &conf), W3P_OK), "%s", msg.text);
}

static void teardown(void)
{
    w3p_server_stop(admin);
    gateway_stop();
    rmdir(dir);
}

TestSuite(http_admin, .init = setup, .fini = teardown, .timeout = 30);

// The answer's JSON, for the caller to let go of.
static json_t *ask(int *status, const char *method, const char *target, const char *body)
{
    struct w3p_net_local request = {
        .socket_path = path, .method = method, .target = target, .body = body, .timeout_ms = 5000};
    struct w3p_errmsg msg = {0};
    struct w3p_buf reply;
    w3p_buf_init(&reply, 1 << 20);
    cr_assert(eq(int, w3p_net_local_call(&msg, status, &reply, &request), W3P_OK), "%s", msg.text);
    json_t *root = json_loads(w3p_buf_str(&reply), JSON_REJECT_DUPLICATES, NULL);
    cr_assert(root != NULL, "%s", w3p_buf_str(&reply));
    w3p_buf_deinit(&reply);
    return root;
}

static int status_of(const char *method, const char *target, const char *body)
{
    int status = 0;
    json_decref(ask(&status, method, target, body));
    return status;
}

#define CID "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"

static const struct {
    const char *method, *target, *body;
    int status;
} wrong[] = {
    {"GET", "/", NULL, 404},
    {"GET", "/psa/pins", NULL, 404},
    {"GET", "/readyz", NULL, 404},
    {"POST", "/orders", "{}", 405},
    {"GET", "/pause", NULL, 405},
    {"GET", "/orders?filter=most", NULL, 400},
    {"GET", "/orders?filter=all&filter=failed", NULL, 400},
    {"GET", "/orders?limit=0", NULL, 400},
    {"GET", "/orders?limit=1001", NULL, 400},
    {"GET", "/orders?limit=5&limit=5", NULL, 400},
    {"GET", "/orders?before=0", NULL, 400},
    {"GET", "/orders?before=9223372036854775808", NULL, 400},
    {"GET", "/orders?limit=%zz", NULL, 400},
    {"GET", "/order/nonsense", NULL, 400},
    {"GET", "/order/" CID "?limit=0", NULL, 400},
    {"GET", "/order/" CID "?limit=1001", NULL, 400},
    {"GET", "/order/" CID "?before=0", NULL, 400},
    {"GET", "/order/" CID "?before=1&before=1", NULL, 400},
    {"GET", "/order/" CID "?filter=all", NULL, 400},
    {"GET", "/order/" CID, NULL, 404},
    {"DELETE", "/order/nonsense", NULL, 400},
    {"DELETE", "/order/" CID, NULL, 404},
    {"POST", "/order", "", 400},
    {"POST", "/order", "{\"cid\":\"nonsense\"}", 400},
    {"POST", "/order", "{\"cid\":\"" CID "\",\"meta\":{\"size\":\"-1\"}}", 400},
    {"POST", "/retry", "", 400},
    {"POST", "/retry", "[]", 400},
    {"POST", "/retry", "{}", 400},
    {"POST", "/retry", "{\"failed\":false}", 400},
    {"POST", "/retry", "{\"failed\":true,\"cid\":\"" CID "\"}", 400},
    {"POST", "/retry", "{\"failed\":true,\"after\":\"1\"}", 400},
    {"POST", "/retry", "{\"cid\":\"nonsense\"}", 400},
    {"POST", "/retry", "{\"cid\":\"" CID "\"}", 404},
};

Test(http_admin, wrong_requests_are_refused_and_change_nothing)
{
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        cr_expect(eq(int, status_of(wrong[i].method, wrong[i].target, wrong[i].body), wrong[i].status), "%s %s %s",
                  wrong[i].method, wrong[i].target, wrong[i].body ? wrong[i].body : "");
    char *big = malloc(2000);
    memset(big, ' ', 1999);
    big[1999] = '\0';
    cr_expect(eq(int, status_of("POST", "/retry", big), 413));
    free(big);
    int status = 0;
    json_t *list = ask(&status, "GET", "/orders", NULL);
    cr_expect(eq(sz, json_array_size(json_object_get(list, "orders")), 0));
    json_decref(list);
}

Test(http_admin, no_address_has_these_routes)
{
    static const char *const gets[] = {"/status", "/orders", "/order/" CID};
    static const char *const posts[] = {"/order", "/retry", "/pause", "/resume"};
    int status = 0;
    for (size_t i = 0; i < sizeof gets / sizeof gets[0]; i++) {
        json_decref(gateway_json(&status, "GET", gets[i], gateway_token("Alice"), NULL));
        cr_expect(eq(int, status, 404), "%s", gets[i]);
    }
    for (size_t i = 0; i < sizeof posts / sizeof posts[0]; i++) {
        json_decref(gateway_json(&status, "POST", posts[i], gateway_token("Alice"), "{\"failed\":true}"));
        cr_expect(eq(int, status, 404), "%s", posts[i]);
    }
    // every one of the operator's paths, also those that come later
    for (const struct w3p_route *mine = w3p_admin_routes; mine->method != NULL; mine++)
        for (const struct w3p_route *all = w3p_gateway_routes; all->method != NULL; all++)
            cr_expect(strcmp(mine->path, all->path) != 0, "%s", mine->path);
}

Test(http_admin, the_switch)
{
    int status = 0;
    cr_expect(eq(int, status_of("POST", "/pause", "{}"), 200));
    json_t *now = ask(&status, "GET", "/status", NULL);
    cr_expect(
        eq(int, json_typeof(json_object_get(now, "paused")), JSON_TRUE)); // at once, not at the engine's next look
    cr_expect(eq(int, json_typeof(json_object_get(now, "store_healthy")), JSON_TRUE));
    cr_expect(eq(str, (char *)json_string_value(json_object_get(json_object_get(now, "money"), "funds")), "unknown"));
    json_decref(now);
    cr_expect(eq(int, status_of("POST", "/resume", "{}"), 200));
    now = ask(&status, "GET", "/status", NULL);
    cr_expect(eq(int, json_typeof(json_object_get(now, "paused")), JSON_FALSE));
    json_decref(now);
}

Test(http_admin, an_order_of_the_operators_own)
{
    int status = 0;
    json_t *pin = ask(&status, "POST", "/order", "{\"cid\":\"" CID "\",\"meta\":{\"size\":\"4096\"}}");
    cr_expect(eq(int, status, 202));
    cr_expect(eq(str, (char *)json_string_value(json_object_get(pin, "status")), "queued"));
    json_decref(pin);
    json_t *list = ask(&status, "GET", "/order/" CID, NULL);
    const json_t *row = json_array_get(json_object_get(list, "orders"), 0);
    cr_expect(eq(str, (char *)json_string_value(json_object_get(row, "cid")), CID));
    cr_expect(eq(str, (char *)json_string_value(json_object_get(row, "size")), "4096"));
    cr_expect(eq(int, (int)json_integer_value(json_object_get(row, "pins")), 1));
    cr_expect(json_object_get(row, "order") == NULL); // none yet, and nothing made up
    cr_expect(eq(sz, json_array_size(json_object_get(list, "receipts")), 0));
    const json_t *paid = json_object_get(list, "paid");
    cr_expect(eq(int, (int)json_integer_value(json_object_get(paid, "orders")), 0));
    cr_expect(eq(str, (char *)json_string_value(json_object_get(paid, "price")), "0"));
    json_decref(list);
    json_t *counts = ask(&status, "POST", "/retry", "{\"cid\":\"" CID "\"}");
    cr_expect(eq(int, (int)json_integer_value(json_object_get(counts, "due")), 1));
    json_decref(counts);
    json_t *gone = ask(&status, "DELETE", "/order/" CID, NULL);
    cr_expect(eq(int, (int)json_integer_value(json_object_get(gone, "removed")), 1));
    json_decref(gone);
}

// ---- for clients ----

Test(http_admin, an_account_is_told_of_itself)
{
    int status = 0;
    json_decref(gateway_json(&status, "GET", "/account", NULL, NULL));
    cr_expect(eq(int, status, 401));
    json_t *fresh = gateway_json(&status, "GET", "/account", gateway_token("Alice"), NULL);
    cr_expect(eq(int, status, 200));
    const json_t *used = json_object_get(fresh, "used");
    cr_expect(eq(int, (int)json_integer_value(json_object_get(used, "pins_today")), 0));
    cr_expect(eq(int, json_typeof(json_object_get(json_object_get(fresh, "may"), "pins_per_day")),
                 JSON_NULL)); // no limit here
    cr_expect(eq(int, json_typeof(json_object_get(json_object_get(fresh, "may"), "planck_per_day")), JSON_NULL));
    json_decref(fresh);
    json_decref(gateway_json(&status, "POST", "/psa/pins", gateway_token("Alice"), "{\"cid\":\"" CID "\"}"));
    cr_assert(eq(int, status, 202));
    json_t *later = gateway_json(&status, "GET", "/account", gateway_token("Alice"), NULL);
    used = json_object_get(later, "used");
    cr_expect(eq(int, (int)json_integer_value(json_object_get(used, "pins_today")), 1));
    cr_expect(eq(int, (int)json_integer_value(json_object_get(used, "queued")), 1));
    cr_expect(eq(str, (char *)json_string_value(json_object_get(json_object_get(later, "spent"), "planck")), "0"));
    json_decref(later);
    json_t *other = gateway_json(&status, "GET", "/account", gateway_token("Bob"), NULL);
    cr_expect(eq(int, (int)json_integer_value(json_object_get(json_object_get(other, "used"), "queued")), 0));
    json_decref(other);
}

Test(http_admin, a_price_that_is_not_known_is_not_made_up)
{
    static const char *const bad[] = {"/price",
                                      "/price?size=",
                                      "/price?size=0",
                                      "/price?size=00",
                                      "/price?size=x",
                                      "/price?size=ten",
                                      "/price?size=-1",
                                      "/price?size=%2B1",
                                      "/price?size=1.0",
                                      "/price?size=1e6",
                                      "/price?size=0x10",
                                      "/price?size=1%00",
                                      "/price?size=9223372036854775808",
                                      "/price?size=18446744073709551615",
                                      "/price?size=18446744073709551616",
                                      "/price?size=99999999999999999999999999",
                                      "/price?size=1&size=1",
                                      "/price?SIZE=1"};
    int status = 0;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        json_decref(gateway_json(&status, "GET", bad[i], NULL, NULL));
        cr_expect(eq(int, status, 400), "%s", bad[i]);
    }
    json_decref(gateway_json(&status, "GET", "/price?size=1048576", NULL, NULL));
    cr_expect(eq(int, status, 503));
}
