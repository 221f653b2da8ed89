// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: the route table, its descriptions and the document made of them; that every path of the table answers HEAD,
// OPTIONS and methods that it has not in one way.
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "gateway.h"
#include "http/route.h"

TestSuite(openapi, .timeout = 30);
TestSuite(openapi_wire, .init = gateway_start, .fini = gateway_stop, .timeout = 30);

static void handler(struct w3p_call *call, const struct w3p_request *req)
{
    (void)call;
    (void)req;
}

static const struct w3p_doc_schema schemas[] = {{"Thing", "{\"type\":\"object\"}"}, {NULL, NULL}};
static const struct w3p_doc_schema broken_schemas[] = {{"Thing", "{\"type\":"}, {NULL, NULL}};
static const struct w3p_doc_schema twice_schemas[] = {{"Thing", "{}"}, {"Thing", "{}"}, {NULL, NULL}};
static const struct w3p_doc_area area = {.tag = "t", .text = "t", .schemas = schemas};
static const struct w3p_doc_area broken_area = {.tag = "t", .text = "t", .schemas = broken_schemas};
static const struct w3p_doc_area twice_area = {.tag = "t", .text = "t", .schemas = twice_schemas};

#define WHOLE(of_area) .area = of_area, .id = "i", .summary = "s", .text = "t"
#define OK_ANSWER                                                                                                      \
    {                                                                                                                  \
        .status = 200, .text = "t", .schema = "Thing"                                                                  \
    }
static const struct w3p_doc good = {WHOLE(&area), .answers = {OK_ANSWER}};

// Each is refused with a sentence that has this word.
struct defect {
    const char *path, *word;
    struct w3p_doc doc;
};
static const struct defect defects[] = {
    {"/x", "description", {.area = &area, .id = "i", .summary = "s", .answers = {OK_ANSWER}}},
    {"/x", "description", {.area = &area, .id = "i", .text = "t", .answers = {OK_ANSWER}}},
    {"/x", "description", {.area = &area, .summary = "s", .text = "t", .answers = {OK_ANSWER}}},
    {"/x", "description", {.id = "i", .summary = "s", .text = "t", .answers = {OK_ANSWER}}},
    {"/x", "answers", {WHOLE(&area)}},
    {"/x", "twice", {WHOLE(&area), .answers = {OK_ANSWER, OK_ANSWER}}},
    {"/x", "twice", {WHOLE(&area), .answers = {OK_ANSWER, {.status = 413, .text = "t"}}}}, // a usual one
    {"/x", "JSON", {WHOLE(&broken_area), .answers = {OK_ANSWER}}},
    {"/x", "two schemas", {WHOLE(&twice_area), .answers = {OK_ANSWER}}},
    {"/x", "JSON", {WHOLE(&area), .parameters = "[", .answers = {OK_ANSWER}}},
    {"/x", "JSON", {WHOLE(&area), .body = "", .answers = {OK_ANSWER}}},
    {"/x", "JSON", {WHOLE(&area), .links = "{]", .answers = {OK_ANSWER}}},
    {"/x", "JSON", {WHOLE(&area), .answers = {{.status = 200, .text = "t", .schema = "Thing", .json = "{"}}}},
    {"/x/{id}", "parameter", {WHOLE(&area), .answers = {OK_ANSWER}}},
    {"/x", "parameter", {WHOLE(&area), .param = "{}", .answers = {OK_ANSWER}}},
    {"/x/{id}", "JSON", {WHOLE(&area), .param = "{", .answers = {OK_ANSWER}}},
};

Test(openapi, a_route_that_is_not_described_as_a_whole_is_refused)
{
    for (size_t i = 0; i < sizeof defects / sizeof defects[0]; i++) {
        const struct w3p_route routes[] = {{"GET", defects[i].path, handler, 0, 0, W3P_ROUTE_PUBLIC}, {0}};
        const struct w3p_doc *const docs[] = {&defects[i].doc, NULL};
        struct w3p_openapi doc;
        struct w3p_errmsg msg = {0};
        cr_expect(eq(int, w3p_openapi_build(&doc, &msg, routes, docs), W3P_E_INVALID), "defect %zu", i);
        cr_expect(strstr(msg.text, defects[i].word) != NULL, "defect %zu: %s", i, msg.text);
        cr_expect(doc.text == NULL);
    }
    const struct w3p_route routes[] = {
        {"GET", "/x", handler, 0, 0, W3P_ROUTE_PUBLIC}, {"GET", "/x", handler, 0, 0, W3P_ROUTE_PUBLIC}, {0}};
    struct w3p_openapi doc;
    struct w3p_errmsg msg = {0};
    const struct w3p_doc *const missing[] = {&good, NULL};
    cr_expect(eq(int, w3p_openapi_build(&doc, &msg, routes, missing), W3P_E_INVALID), "none at all");
    const struct w3p_doc *const twice[] = {&good, &good};
    cr_expect(eq(int, w3p_openapi_build(&doc, &msg, routes, twice), W3P_E_INVALID), "one method twice");
    static const unsigned scopes[] = {0, 1, W3P_ROUTE_ANY}; // of a route whose description lets everybody in
    for (size_t i = 0; i < sizeof scopes / sizeof scopes[0]; i++) {
        const struct w3p_route closed[] = {{"GET", "/x", handler, 0, 0, scopes[i]}, {0}};
        cr_expect(eq(int, w3p_openapi_build(&doc, &msg, closed, twice), W3P_E_INVALID), "scope %u", scopes[i]);
        cr_expect(strstr(msg.text, "scope") != NULL, "%s", msg.text);
    }
    cr_expect(eq(int, w3p_openapi_build(&doc, &msg, routes + 1, twice), W3P_OK), "%s", msg.text);
    w3p_openapi_deinit(&doc);
}

static json_t *gateways_document(void)
{
    struct w3p_openapi doc;
    struct w3p_errmsg msg = {0};
    cr_assert(eq(int, w3p_openapi_build(&doc, &msg, w3p_gateway_routes, w3p_gateway_docs), W3P_OK), "%s", msg.text);
    json_t *root = w3p_json_parse(&msg, doc.text, doc.len);
    cr_assert(root != NULL, "%s", msg.text);
    cr_expect(eq(sz, strlen(doc.text), doc.len));
    w3p_openapi_deinit(&doc);
    return root;
}

Test(openapi, every_route_is_in_it_and_nothing_else)
{
    json_t *root = gateways_document(), *paths = json_object_get(root, "paths"), *ids = json_object();
    size_t listed = 0, found = 0;
    for (const struct w3p_route *route = w3p_gateway_routes; route->method != NULL; route++, listed++) {
        char method[16] = "";
        for (size_t i = 0; route->method[i] != '\0'; i++)
            method[i] = (char)tolower((unsigned char)route->method[i]);
        json_t *op = json_object_get(json_object_get(paths, route->path), method);
        cr_assert(op != NULL, "%s %s", route->method, route->path);
        const char *id = json_string_value(json_object_get(op, "operationId"));
        cr_expect(json_object_get(ids, id) == NULL, "%s twice", id);
        json_object_set_new(ids, id, json_true());
    }
    const char *path;
    json_t *item;
    json_object_foreach(paths, path, item)
    {
        found += json_object_size(item);
    }
    cr_expect(eq(sz, found, listed));
    for (const struct w3p_route *route = w3p_admin_routes; route->method != NULL; route++)
        cr_expect(json_object_get(paths, route->path) == NULL, "%s is the operator's", route->path);
    json_decref(ids);
    json_decref(root);
}

// Every "$ref" leads to something, and everything that can be referred to is.
static void follow_references(json_t *root, json_t *at, json_t *used)
{
    const char *key;
    json_t *value;
    size_t index;
    if (json_is_array(at)) {
        json_array_foreach(at, index, value)
        {
            follow_references(root, value, used);
        }
    }
    json_object_foreach(at, key, value)
    {
        if (strcmp(key, "$ref") != 0) {
            follow_references(root, value, used);
            continue;
        }
        char kind[32], name[64];
        cr_assert(eq(int, sscanf(json_string_value(value), "#/components/%31[^/]/%63s", kind, name), 2));
        json_t *target = json_object_get(json_object_get(json_object_get(root, "components"), kind), name);
        cr_expect(target != NULL, "%s", json_string_value(value));
        json_object_set_new(used, json_string_value(value), json_true());
    }
}

Test(openapi, references_lead_somewhere)
{
    static const char *const kinds[] = {"schemas", "responses", "headers"};
    json_t *root = gateways_document(), *used = json_object();
    follow_references(root, root, used);
    cr_expect(lt(sz, 20, json_object_size(used)));
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const char *name;
        json_t *value;
        json_object_foreach(json_object_get(json_object_get(root, "components"), kinds[i]), name, value)
        {
            char ref[128];
            snprintf(ref, sizeof ref, "#/components/%s/%s", kinds[i], name);
            cr_expect(json_object_get(used, ref) != NULL, "nothing refers to %s", ref);
        }
    }
    json_decref(used);
    json_decref(root);
}

static json_t *answers_of(json_t *root, const char *path, const char *method)
{
    json_t *paths = json_object_get(root, "paths");
    return json_object_get(json_object_get(json_object_get(paths, path), method), "responses");
}

Test(openapi, what_every_route_has_is_said_of_every_route)
{
    json_t *root = gateways_document();
    for (const struct w3p_route *route = w3p_gateway_routes; route->method != NULL; route++) {
        char method[16] = "";
        for (size_t i = 0; route->method[i] != '\0'; i++)
            method[i] = (char)tolower((unsigned char)route->method[i]);
        json_t *answers = answers_of(root, route->path, method);
        cr_expect(json_object_get(answers, "413") != NULL && json_object_get(answers, "4XX") != NULL &&
                      json_object_get(answers, "5XX") != NULL,
                  "%s %s", route->method, route->path);
    }
    json_t *get = answers_of(root, "/psa/pins/{requestid}", "get"), *price = answers_of(root, "/price", "get");
    cr_expect(json_object_get(get, "401") != NULL && json_object_get(get, "403") != NULL);
    cr_expect(json_object_get(price, "401") == NULL && json_object_get(price, "403") == NULL);
    json_decref(root);
}

Test(openapi, tags_of_texts)
{
    static const struct {
        const char *value;
        bool same;
    } rows[] = {{"", false},           {"\"a", false},     {"a", false},          {"\"ab\"", false},
                {"W/", false},         {"W/\"b\"", false}, {"\"a\"x", false},     {",,,", false},
                {"\"a\"", true},       {"W/\"a\"", true},  {"*", true},           {"\"b\", \"a\"", true},
                {"\"b\",\"a\"", true}, {" \"a\" ", true},  {"\"a\",\"b\"", true}, {"\"b\" ,\tW/\"a\"\t", true}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        cr_expect(w3p_openapi_matches("\"a\"", w3p_span_str(rows[i].value)) == rows[i].same, "%s", rows[i].value);
    cr_expect(not(w3p_openapi_matches("\"a\"", (struct w3p_span){0})));
}

// ---- over the wire ----

Test(openapi_wire, the_document_and_its_tag)
{
    struct response got;
    char request[256], etag[64];
    int status = 0;
    json_t *root = gateway_json(&status, "GET", "/openapi.json", NULL, NULL);
    cr_assert(eq(int, status, 200));
    cr_expect(eq(str, (char *)json_string_value(json_object_get(root, "openapi")), "3.0.3"));
    json_decref(root);
    gateway_request(&got, "GET", "/openapi.json", NULL, NULL);
    snprintf(etag, sizeof etag, "%s", client_header(&got, "etag"));
    cr_expect(eq(sz, strlen(etag), 34));
    cr_expect(eq(str, (char *)client_header(&got, "cache-control"), "public, max-age=300"));
    client_free_response(&got);
    snprintf(request, sizeof request, "GET /openapi.json HTTP/1.1\r\nHost: x\r\nIf-None-Match: \"x\", %s\r\n\r\n",
             etag);
    struct client *client = client_open(gateway_port);
    client_send_str(client, request);
    client_read(client, &got, false, 5000);
    cr_expect(eq(int, got.status, 304));
    cr_expect(eq(str, (char *)client_header(&got, "etag"), etag));
    cr_expect(eq(str, (char *)client_header(&got, "transfer-encoding"), ""));
    cr_expect(eq(str, (char *)client_header(&got, "content-length"), "")); // it would be that of the document
    client_free_response(&got);
    client_send_str(client, "GET /openapi.json HTTP/1.1\r\nHost: x\r\nIf-None-Match: \"other\"\r\n\r\n");
    client_read(client, &got, true, 5000); // the connection is still in step
    cr_expect(eq(int, got.status, 200));
    client_free_response(&got);
    client_close(client);
}

// A path of the table with an id that fits its braces.
static void real_path(char out[128], const struct w3p_route *route)
{
    size_t len = strcspn(route->path, "{");
    snprintf(out, 128, "%.*s%s", (int)len, route->path,
             route->path[len] == '{' ? "01890000-0000-7000-8000-000000000000" : "");
}

static unsigned bits_of(const char *allow)
{
    unsigned bits = 0;
    for (const char *at = allow; *at != '\0';) {
        size_t len = strcspn(at, ",");
        bits |= 1u << w3p_method_parse(W3P_SPAN(at, len));
        at += len + strspn(at + len, ", ");
    }
    return bits;
}

Test(openapi_wire, head_options_and_405_are_what_the_table_says)
{
    static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "QUERY"};
    const char *token = gateway_token("Alice");
    json_t *root = gateways_document(), *paths = json_object_get(root, "paths");
    for (const struct w3p_route *route = w3p_gateway_routes; route->method != NULL; route++) {
        char path[128];
        struct response got;
        const char *method;
        json_t *op;
        unsigned wanted = 1u << W3P_METHOD_OPTIONS;
        real_path(path, route);
        json_object_foreach(json_object_get(paths, route->path), method, op)
        {
            char upper[16] = "";
            for (size_t i = 0; method[i] != '\0'; i++)
                upper[i] = (char)toupper((unsigned char)method[i]);
            wanted |= 1u << w3p_method_parse(w3p_span_str(upper));
        }
        if ((wanted & 1u << W3P_METHOD_GET) != 0)
            wanted |= 1u << W3P_METHOD_HEAD;
        gateway_request(&got, "OPTIONS", path, NULL, NULL);
        cr_expect(eq(int, got.status, 204), "%s", path);
        cr_expect(eq(uint, bits_of(client_header(&got, "allow")), wanted), "%s", path);
        cr_expect(eq(uint, bits_of(client_header(&got, "access-control-allow-methods")), wanted), "%s", path);
        client_free_response(&got);
        for (unsigned i = 0; i < sizeof methods / sizeof methods[0]; i++) {
            if ((i < W3P_METHOD_UNKNOWN && (wanted >> i & 1) != 0) || i == W3P_METHOD_HEAD)
                continue;
            gateway_request(&got, methods[i], path, token, NULL);
            cr_expect(eq(int, got.status, 405), "%s %s", methods[i], path);
            cr_expect(eq(uint, bits_of(client_header(&got, "allow")), wanted), "%s %s", methods[i], path);
            client_free_response(&got);
        }
        if (strcmp(route->method, "GET") != 0)
            continue;
        char request[2048];
        snprintf(request, sizeof request, "HEAD %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", path,
                 token);
        struct client *client = client_open(gateway_port);
        client_send_str(client, request);
        client_read(client, &got, false, 5000);
        int status = 0;
        json_decref(gateway_json(&status, "GET", path, token, NULL));
        cr_expect(eq(int, got.status, status), "%s", path);
        client_free_response(&got);
        client_send_str(client, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"); // a body would stand in its way
        client_read(client, &got, true, 5000);
        cr_expect(eq(str, got.body, "{\"ok\":true}"), "%s", path);
        client_free_response(&got);
        client_close(client);
    }
    json_decref(root);
}
