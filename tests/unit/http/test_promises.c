// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the money that a POST promises, over the wire: 409 INSUFFICIENT_FUNDS for a size that is raised beyond the
// balance, and none for a replacement that needs no more than it gives back. A byte costs one planck.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdio.h>
#include <string.h>

#include "gateway.h"

static void setup(void)
{
    gateway_byte_price = 1;
    gateway_start();
}

TestSuite(http_promises, .init = setup, .fini = gateway_stop, .timeout = 30);

struct pin {
    int status;
    char requestid[40], reason[40];
};

// POST of content n with a size; behind `old` when that is not NULL.
static struct pin post(const struct pin *old, const char *name, unsigned n, unsigned size)
{
    struct pin pin = {0};
    char target[80] = "/psa/pins", body[300];

    if (old != NULL)
        snprintf(target, sizeof target, "/psa/pins/%s", old->requestid);
    snprintf(body, sizeof body, "{\"cid\":\"%s\",\"meta\":{\"size\":\"%u\"}}", gateway_cid(n), size);
    json_t *root = gateway_json(&pin.status, "POST", target, gateway_token(name), body);
    const char *id = json_string_value(json_object_get(root, "requestid"));
    const char *reason = json_string_value(json_object_get(json_object_get(root, "error"), "reason"));
    snprintf(pin.requestid, sizeof pin.requestid, "%s", id != NULL ? id : "");
    snprintf(pin.reason, sizeof pin.reason, "%s", reason != NULL ? reason : "");
    json_decref(root);
    return pin;
}

static void expect_unfunded(struct pin pin)
{
    cr_expect(eq(int, pin.status, 409));
    cr_expect(eq(str, pin.reason, "INSUFFICIENT_FUNDS"));
}

static int status_of(const struct pin *pin, const char *name)
{
    char target[80];
    int status;

    snprintf(target, sizeof target, "/psa/pins/%s", pin->requestid);
    json_decref(gateway_json(&status, "GET", target, gateway_token(name), NULL));
    return status;
}

Test(http_promises, a_raised_size_counts)
{
    cr_assert(eq(int, post(NULL, "Alice", 1, 1000).status, 202));
    gateway_available = 2019;
    expect_unfunded(post(NULL, "Bob", 1, 2000));
    expect_unfunded(post(NULL, "Bob", 2, 1000));
    gateway_available = 2020;
    cr_expect(eq(int, post(NULL, "Bob", 1, 2000).status, 202));
    expect_unfunded(post(NULL, "Bob", 2, 1));
    cr_expect(eq(int, post(NULL, "Bob", 1, 2000).status, 202)); // as before: nothing more
}

Test(http_promises, a_replacement_needs_no_more_than_it_gives_back)
{
    struct pin pin = post(NULL, "Alice", 1, 1000);

    gateway_available = 1010; // one such order, and not a second one
    cr_assert(eq(int, pin.status, 202));
    expect_unfunded(post(NULL, "Alice", 2, 1000));
    expect_unfunded(post(&pin, "Alice", 2, 1001));
    cr_expect(eq(int, status_of(&pin, "Alice"), 200)); // still the one that it was
    struct pin next = post(&pin, "Alice", 2, 1000);
    cr_expect(eq(int, next.status, 202));
    cr_expect(eq(int, status_of(&pin, "Alice"), 404));
    struct pin same = post(&next, "Alice", 2, 1000); // its own CID
    cr_expect(eq(int, same.status, 202));
    cr_assert(eq(int, post(NULL, "Bob", 2, 1000).status, 202)); // known: costs nothing
    expect_unfunded(post(&same, "Alice", 3, 1000));             // Bob wants the old one still
}
