// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: openapi.h. What every route has in common is added here, from what the server does for every route: the
// limit of a body, budgets, signing in, ranges of errors, headers. Examples of errors come from the function that
// writes errors.
#include "http/openapi.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/json.h"
#include "crypto/hash.h"
#include "scope.h"

enum { METHOD_MAX = 16, REASON_MAX = 64, ETAG_BYTES = 16 };

struct builder {
    struct w3p_errmsg *msg;
    int err; // the first one
    json_t *paths, *schemas, *tags;
};

static void fail(struct builder *b, const char *where, const char *what)
{
    if (b->err == W3P_OK)
        b->err = w3p_fail(b->msg, W3P_E_INVALID, "openapi: %s: %s", where, what);
}

// A constant of a description. An empty object stands for what is no JSON.
static json_t *constant(struct builder *b, const char *where, const char *json)
{
    struct w3p_errmsg msg = {0};
    json_t *value = w3p_json_parse(&msg, json, strlen(json));
    if (value == NULL) {
        fail(b, where, msg.text);
        value = json_object();
    }
    return value;
}

static json_t *reference(const char *kind, const char *name)
{
    return json_pack("{s:s+++}", "$ref", "#/components/", kind, "/", name);
}

static json_t *json_content(const char *schema, json_t *example)
{
    json_t *media = json_pack("{s:o}", "schema", reference("schemas", schema));
    if (example != NULL)
        json_object_set_new(media, "example", example);
    return json_pack("{s:o}", "application/json", media);
}

static json_t *names(const char *list)
{
    json_t *array = json_array();
    for (const char *at = list; at != NULL && *at != '\0';) {
        size_t len = strcspn(at, ",");
        json_array_append_new(array, json_stringn(at, len));
        at += len + (at[len] == ',' ? 1 : 0);
    }
    return array;
}

// What a client would really get.
static json_t *error_example(struct builder *b, const struct w3p_doc_answer *answer)
{
    char reason[REASON_MAX];
    size_t len = answer->reasons != NULL ? strcspn(answer->reasons, ",") : 0, body_len;
    (void)snprintf(reason, sizeof reason, "%.*s", (int)len, len > 0 ? answer->reasons : "");
    char *body = w3p_error_body(&body_len, answer->status, len > 0 ? reason : NULL, "%s", answer->text);
    json_t *example = constant(b, answer->text, body);
    free(body);
    return example;
}

static json_t *answer_headers(const struct w3p_doc_answer *answer)
{
    json_t *headers = json_pack("{s:o}", "X-Request-Id", reference("headers", "X-Request-Id"));
    json_t *more = names(answer->headers), *name;
    size_t index;
    json_array_foreach(more, index, name)
    {
        json_object_set_new(headers, json_string_value(name), reference("headers", json_string_value(name)));
    }
    json_decref(more);
    if (answer->status == 503 || answer->status == 429)
        json_object_set_new(headers, "Retry-After", reference("headers", "Retry-After"));
    if (answer->status == 401)
        json_object_set_new(headers, "WWW-Authenticate", reference("headers", "WWW-Authenticate"));
    return headers;
}

static json_t *answer_object(struct builder *b, const struct w3p_doc_answer *answer)
{
    json_t *out = json_pack("{s:s, s:o}", "description", answer->text, "headers", answer_headers(answer));
    bool is_error = answer->status >= 400 && answer->schema == NULL;
    if (is_error) {
        json_t *example = error_example(b, answer);
        json_t *reason = json_object_get(json_object_get(example, "error"), "reason");
        json_object_set_new(out, "x-reasons",
                            answer->reasons != NULL ? names(answer->reasons) : json_pack("[O]", reason));
        json_object_set_new(out, "content", json_content("Error", example));
    } else if (answer->schema != NULL) {
        json_t *example = answer->json != NULL ? constant(b, answer->text, answer->json) : NULL;
        json_object_set_new(out, "content", json_content(answer->schema, example));
    }
    if (answer->unused)
        json_object_set_new(out, "x-unused", json_true());
    return out;
}

static void put_answer(struct builder *b, json_t *answers, const char *where, const struct w3p_doc_answer *answer)
{
    char status[16];
    (void)snprintf(status, sizeof status, "%d", answer->status);
    if (json_object_get(answers, status) != NULL)
        fail(b, where, "the same status twice");
    json_object_set_new(answers, status, answer_object(b, answer));
}

static const struct w3p_doc_answer usual[] = {
    {.status = 401, .text = "The access token is missing or not valid. Which of them, and why, is not told."},
    {.status = 403, .text = "The account is not on the list of accounts that may use this gateway."},
};
// Added to the 403 of every route that wants a scope.
static const char insufficient[] = "INSUFFICIENT_SCOPE";
static const char insufficient_text[] = " INSUFFICIENT_SCOPE: the access token does not permit this.";
static const struct w3p_doc_answer too_large = {.status = 413,
                                                .text = "The body has more bytes than this route takes."};
static const struct w3p_doc_answer too_often = {
    .status = 429, .text = "The account, or without one the address, has used up its budget of such requests."};

// Where the operator has not turned the budget off every answer says what is left of it, but for those that come
// before.
static void put_budget(struct builder *b, json_t *answers, const char *where)
{
    static const char *const headers[] = {"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"};
    const char *status;
    json_t *answer;
    put_answer(b, answers, where, &too_often);
    json_object_foreach(answers, status, answer)
    {
        for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
            json_object_set_new(json_object_get(answer, "headers"), headers[i], reference("headers", headers[i]));
    }
}

static void put_insufficient(json_t *answer)
{
    const char *text = json_string_value(json_object_get(answer, "description"));
    json_object_set_new(answer, "description", json_sprintf("%s%s", text, insufficient_text));
    json_array_append_new(json_object_get(answer, "x-reasons"), json_string(insufficient));
}

static json_t *answers_of(struct builder *b, const struct w3p_route *route, const struct w3p_doc *doc)
{
    json_t *answers = json_object();
    size_t count = 0;
    for (; count < W3P_DOC_ANSWERS_MAX && doc->answers[count].status != 0; count++)
        put_answer(b, answers, doc->id, &doc->answers[count]);
    if (count == 0 || count == W3P_DOC_ANSWERS_MAX)
        fail(b, doc->id, "no answers, or too many");
    for (size_t i = 0; i < sizeof usual / sizeof usual[0] && doc->signs_in; i++) {
        char status[16];
        (void)snprintf(status, sizeof status, "%d", usual[i].status);
        if (json_object_get(answers, status) == NULL)
            put_answer(b, answers, doc->id, &usual[i]);
    }
    if (doc->signs_in && route->scope != W3P_ROUTE_ANY)
        put_insufficient(json_object_get(answers, "403"));
    put_answer(b, answers, doc->id, &too_large);
    if (route->budget != W3P_BUDGET_NONE)
        put_budget(b, answers, doc->id);
    json_object_set_new(answers, "4XX", reference("responses", "OtherClientError"));
    json_object_set_new(answers, "5XX", reference("responses", "OtherServerError"));
    return answers;
}

static json_t *path_parameter(struct builder *b, const char *path, const struct w3p_doc *doc)
{
    const char *brace = strchr(path, '{');
    size_t len = brace != NULL ? strcspn(brace + 1, "}") : 0;
    if ((brace == NULL) != (doc->param == NULL))
        fail(b, doc->id, "the parameter of the path and its description do not go together");
    if (brace == NULL || doc->param == NULL)
        return NULL;
    return json_pack("{s:s#, s:s, s:b, s:o}", "name", brace + 1, (int)len, "in", "path", "required", 1, "schema",
                     constant(b, doc->id, doc->param));
}

// "pin.read"; "any": a token that is good, whatever it permits.
static json_t *scope_name(unsigned scope)
{
    struct w3p_buf names;
    if (scope == W3P_ROUTE_ANY)
        return json_string("any");
    w3p_buf_init(&names, W3P_SCOPES_TEXT_MAX);
    w3p_scopes_format(&names, (w3p_scopes)scope, " ");
    json_t *out = json_string(w3p_buf_str(&names));
    w3p_buf_deinit(&names);
    return out;
}

static json_t *operation(struct builder *b, const struct w3p_route *route, const struct w3p_doc *doc)
{
    json_t *op = json_pack("{s:[s], s:s, s:s, s:s}", "tags", doc->area->tag, "operationId", doc->id, "summary",
                           doc->summary, "description", doc->text);
    json_t *parameters = doc->parameters != NULL ? constant(b, doc->id, doc->parameters) : json_array();
    json_t *of_path = path_parameter(b, route->path, doc);
    if (of_path != NULL)
        json_array_insert_new(parameters, 0, of_path);
    if (json_array_size(parameters) > 0)
        json_object_set(op, "parameters", parameters);
    json_decref(parameters);
    if (doc->body != NULL)
        json_object_set_new(
            op, "requestBody",
            json_pack("{s:b, s:{s:o}}", "required", 1, "content", "application/json", constant(b, doc->id, doc->body)));
    json_t *answers = answers_of(b, route, doc);
    if (doc->links != NULL) {
        char first[16];
        (void)snprintf(first, sizeof first, "%d", doc->answers[0].status);
        json_object_set_new(json_object_get(answers, first), "links", constant(b, doc->id, doc->links));
    }
    json_object_set_new(op, "responses", answers);
    if (doc->signs_in)
        json_object_set_new(op, "x-scope", scope_name(route->scope));
    json_object_set_new(op, "security",
                        doc->signs_in ? json_pack("[{s:[]}, {s:[]}]", "bearer", "basic") : json_array());
    return op;
}

static void put_area(struct builder *b, const struct w3p_doc_area *area)
{
    size_t index;
    json_t *tag;
    json_array_foreach(b->tags, index, tag)
    {
        if (strcmp(json_string_value(json_object_get(tag, "name")), area->tag) == 0)
            return;
    }
    json_array_append_new(b->tags, json_pack("{s:s, s:s}", "name", area->tag, "description", area->text));
    for (const struct w3p_doc_schema *schema = area->schemas; schema->name != NULL; schema++) {
        if (json_object_get(b->schemas, schema->name) != NULL)
            fail(b, schema->name, "two schemas of this name");
        json_object_set_new(b->schemas, schema->name, constant(b, schema->name, schema->json));
    }
}

static void put_route(struct builder *b, const struct w3p_route *route, const struct w3p_doc *doc)
{
    char method[METHOD_MAX];
    size_t len = strnlen(route->method, sizeof method - 1);
    if (doc == NULL || doc->id == NULL || doc->summary == NULL || doc->text == NULL || doc->area == NULL) {
        fail(b, route->path, "a route without a whole description");
        return;
    }
    // A route whose row and description do not agree on who is let in would be open, or closed, by mistake.
    if (route->scope == 0 || doc->signs_in != (route->scope != W3P_ROUTE_PUBLIC))
        fail(b, route->path, "no scope, or one that its description does not know of");
    for (size_t i = 0; i < len; i++)
        method[i] = (char)tolower((unsigned char)route->method[i]);
    method[len] = '\0';
    json_t *path = json_object_get(b->paths, route->path);
    if (path == NULL) {
        path = json_object();
        json_object_set_new(b->paths, route->path, path);
    }
    if (json_object_get(path, method) != NULL)
        fail(b, route->path, "the same method twice");
    put_area(b, doc->area);
    json_object_set_new(path, method, operation(b, route, doc));
}

// ---- what is the same for all ----

// clang-format off
static const char info[] = W3P_DOC_JSON({
    "title" : "w3pin",
    "description" : "A pinning gateway for wallets: the IPFS Pinning Service API 1.0.0 under /psa, and what an account and \
an operator want to know beside it. HEAD is answered as GET without a body and OPTIONS as a CORS preflight, at every \
path; other methods than those listed get 405 with Allow. Every error has the shape of the schema Error.",
    "license" : {"name" : "Apache-2.0", "url" : "https://www.apache.org/licenses/LICENSE-2.0"}
});

static const char error_schema[] = W3P_DOC_JSON({
    "type" : "object",
    "description" : "Why a request was not carried out.",
    "required" : ["error"],
    "additionalProperties" : false,
    "properties" : {
        "error" : {
            "type" : "object",
            "required" : [ "reason", "details" ],
            "additionalProperties" : false,
            "properties" : {
                "reason" : {"type" : "string", "pattern" : "^[A-Z][A-Z0-9_]*$", "description" : "A code for programs."},
                "details" : {"type" : "string", "minLength" : 1, "description" : "A sentence for people."}
            }
        }
    }
});

static const char headers[] = W3P_DOC_JSON({
    "X-Request-Id" : {
        "description" : "Names this request in the gateway's log.",
        "required" : true,
        "schema" : {"type" : "string", "pattern" : "^[0-9a-f]{16}$"}
    },
    "Retry-After" : {
        "description" : "Seconds after which another try makes sense.",
        "required" : true,
        "schema" : {"type" : "integer", "minimum" : 1}
    },
    "X-RateLimit-Limit" : {
        "description" : "How many such requests may come at once after a rest.",
        "schema" : {"type" : "integer", "minimum" : 1}
    },
    "X-RateLimit-Remaining" : {
        "description" : "How many of them are left now.",
        "schema" : {"type" : "integer", "minimum" : 0}
    },
    "X-RateLimit-Reset" : {
        "description" : "When all of them are there again, in seconds since 1970.",
        "schema" : {"type" : "integer", "minimum" : 0}
    },
    "WWW-Authenticate" : {
        "description" : "The scheme to sign in with.",
        "required" : true,
        "schema" : {"type" : "string", "pattern" : "^Bearer"}
    },
    "Cache-Control" :
        {"description" : "How long the answer may be kept.", "required" : true, "schema" : {"type" : "string", "minLength" : 1}},
    "ETag" : {
        "description" : "Changes with the text. Send it in If-None-Match.",
        "required" : true,
        "schema" : {"type" : "string", "pattern" : "^\"[0-9a-f]+\"$"}
    }
});

static const char security_schemes[] = W3P_DOC_JSON({
    "bearer" : {
        "type" : "http",
        "scheme" : "bearer",
        "bearerFormat" : "w3s1_... or base64(ChainType-PubKey:SignedMsg)",
        "description" : "A minted token, as POST /auth/login gives them; or a W3Auth token: a wallet's signature over its own \
address, in base64, where ChainType is eth, substrate, solana, near or another one; or a self-issued one, the same over a sign-in \
text that it carries. x-scope of each operation says what the token must permit."
    },
    "basic" : {
        "type" : "http",
        "scheme" : "basic",
        "description" : "The same token: of a W3Auth token ChainType-PubKey is the user and SignedMsg the password; a minted one is \
the password of the user w3s."
    }
});

// clang-format on

static json_t *other_error(struct builder *b, int status, const char *text)
{
    json_t *out = answer_object(b, &(struct w3p_doc_answer){.status = status, .text = text});
    json_object_del(out, "x-reasons"); // there are many
    return out;
}

static json_t *document(struct builder *b)
{
    json_t *about = constant(b, "info", info);
    json_object_set_new(about, "version", json_string(W3P_VERSION));
    json_object_set_new(b->schemas, "Error", constant(b, "Error", error_schema));
    json_t *responses = json_pack("{s:o, s:o}", "OtherClientError",
                                  other_error(b, 431, "Any other request that cannot be carried out as it is."),
                                  "OtherServerError", other_error(b, 500, "Any other failure of the gateway."));
    json_t *components =
        json_pack("{s:O, s:o, s:o, s:o}", "schemas", b->schemas, "responses", responses, "headers",
                  constant(b, "headers", headers), "securitySchemes", constant(b, "securitySchemes", security_schemes));
    return json_pack("{s:s, s:o, s:[{s:s}], s:O, s:O, s:o}", "openapi", "3.0.3", "info", about, "servers", "url", "/",
                     "tags", b->tags, "paths", b->paths, "components", components);
}

int w3p_openapi_build(struct w3p_openapi *out, struct w3p_errmsg *msg, const struct w3p_route *routes,
                      const struct w3p_doc *const *docs)
{
    struct builder b = {.msg = msg, .paths = json_object(), .schemas = json_object(), .tags = json_array()};
    uint8_t hash[32];
    *out = (struct w3p_openapi){0};
    for (size_t i = 0; routes[i].method != NULL; i++)
        put_route(&b, &routes[i], docs[i]);
    json_t *root = document(&b);
    char *text = json_dumps(root, JSON_COMPACT);
    json_decref(root);
    json_decref(b.paths);
    json_decref(b.schemas);
    json_decref(b.tags);
    if (text == NULL || strlen(text) > W3P_OPENAPI_MAX)
        fail(&b, "document", "it cannot be written, or is too long");
    if (b.err != W3P_OK) {
        free(text);
        return b.err;
    }
    out->text = text;
    out->len = strlen(text);
    w3p_sha256(hash, text, out->len);
    out->etag[0] = '"';
    w3p_hex_encode(out->etag + 1, hash, ETAG_BYTES);
    out->etag[1 + 2 * ETAG_BYTES] = '"';
    return W3P_OK;
}

void w3p_openapi_deinit(struct w3p_openapi *doc)
{
    free(doc->text);
    *doc = (struct w3p_openapi){0};
}

bool w3p_openapi_matches(const char *etag, struct w3p_span if_none_match)
{
    const char *at = (const char *)if_none_match.ptr, *end = at + if_none_match.len;
    size_t etag_len = strlen(etag);
    while (at < end) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *stop = comma != NULL ? comma : end;
        while (at < stop && (*at == ' ' || *at == '\t'))
            at++;
        size_t len = (size_t)(stop - at);
        while (len > 0 && (at[len - 1] == ' ' || at[len - 1] == '\t'))
            len--;
        if (len > 2 && memcmp(at, "W/", 2) == 0) {
            at += 2;
            len -= 2;
        }
        if ((len == 1 && *at == '*') || (len == etag_len && memcmp(at, etag, len) == 0))
            return true;
        at = stop + 1;
    }
    return false;
}
