// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: one table of labels, in their order, serves reading and writing; what differs between the chains' wallets
// is a row of another. Nothing is repaired: a text that a person saw in another way than we read it must not pass.
#include "siwx.h"

#include <string.h>

#include "base/clock.h"
#include "hosts.h"
#include "scheme.h"

#define WANTS " wants you to sign in with your "
#define ACCOUNT " account:"
#define RESOURCES "Resources:"
#define RESOURCE "- "

enum { URI, VERSION, CHAIN_ID, NONCE, ISSUED, EXPIRES, NOT_BEFORE, REQUEST_ID, CHAIN_ID_LAST, FIELDS };

static const struct {
    const char *label;
    size_t at; // of the span in struct w3p_siwx
} fields[FIELDS] = {
    [URI] = {"URI: ", offsetof(struct w3p_siwx, uri)},
    [VERSION] = {"Version: ", offsetof(struct w3p_siwx, version)},
    [CHAIN_ID] = {"Chain ID: ", offsetof(struct w3p_siwx, chain_id)},
    [NONCE] = {"Nonce: ", offsetof(struct w3p_siwx, nonce)},
    [ISSUED] = {"Issued At: ", offsetof(struct w3p_siwx, issued)},
    [EXPIRES] = {"Expiration Time: ", offsetof(struct w3p_siwx, expires)},
    [NOT_BEFORE] = {"Not Before: ", offsetof(struct w3p_siwx, not_before)},
    [REQUEST_ID] = {"Request ID: ", offsetof(struct w3p_siwx, request_id)},
    [CHAIN_ID_LAST] = {"Chain ID: ", offsetof(struct w3p_siwx, chain_id)},
};

// Where a statement is missing, wallets leave one empty line, two, or either.
enum gaps { ONE_GAP, TWO_GAPS, EITHER_GAPS };

static const struct profile {
    const char *chain_name;
    const char *version, *other_version;
    unsigned required; // 1u << field
    enum gaps gaps;
    bool eip4361; // its alphabets, its address and its one place for Chain ID
} profiles[] = {
    {"Ethereum", "1", NULL, 1u << URI | 1u << VERSION | 1u << CHAIN_ID | 1u << NONCE | 1u << ISSUED, TWO_GAPS, true},
    {"Solana", "1", NULL, 0, ONE_GAP, false},
    {"Polkadot", "1.0.0", "1", 1u << URI | 1u << VERSION | 1u << NONCE | 1u << ISSUED, ONE_GAP, false},
    {"Substrate", "1.0.0", "1", 1u << URI | 1u << VERSION | 1u << NONCE | 1u << ISSUED, ONE_GAP, false},
    {NULL, "1", NULL, 1u << URI | 1u << VERSION, EITHER_GAPS, false}, // everybody else
};

static const struct profile *profile_of(struct w3p_span chain_name)
{
    const struct profile *profile = profiles;
    while (profile->chain_name != NULL && !w3p_span_eq_str(chain_name, profile->chain_name))
        profile++;
    return profile;
}

const char *w3p_siwx_version(struct w3p_span chain_name)
{
    return profile_of(chain_name)->version;
}

// ---- alphabets ----

enum { ALNUM = 1, MARK = 2, SUB_DELIM = 4, COLON_AT = 8, SLASHES = 16, SPACE = 32, ESCAPE = 64 };
#define PCHAR (ALNUM | MARK | SUB_DELIM | COLON_AT | ESCAPE)

static unsigned class_of(char c)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
        return ALNUM;
    static const struct {
        const char *chars;
        unsigned class;
    } classes[] = {{"-._~", MARK}, {"!$&'()*+,;=", SUB_DELIM}, {":@", COLON_AT}, {"/?#[]", SLASHES}, {" ", SPACE},
                   {"%", ESCAPE}};
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
        if (c != '\0' && strchr(classes[i].chars, c) != NULL)
            return classes[i].class;
    return 0;
}

static bool is_hex(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool all_of(struct w3p_span text, unsigned classes)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned class = class_of((char)text.ptr[i]);
        if ((class & classes) == 0)
            return false;
        if (class == ESCAPE && (text.len - i < 3 || !is_hex(text.ptr[i + 1]) || !is_hex(text.ptr[i + 2])))
            return false;
    }
    return true;
}

static bool is_digits(struct w3p_span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    return text.len > 0;
}

static bool is_uri(struct w3p_span text)
{
    const uint8_t *colon = text.len > 0 ? memchr(text.ptr, ':', text.len) : NULL;
    if (colon == NULL || colon == text.ptr || class_of((char)text.ptr[0]) != ALNUM || is_digits(W3P_SPAN(text.ptr, 1)))
        return false;
    for (const uint8_t *c = text.ptr; c < colon; c++)
        if (class_of((char)*c) != ALNUM && *c != '+' && *c != '-' && *c != '.')
            return false;
    return all_of(text, PCHAR | SLASHES);
}

static bool is_date(struct w3p_span text)
{
    int64_t ms;
    return w3p_rfc3339_parse(&ms, (const char *)text.ptr, text.len) == W3P_OK;
}

static bool is_printable(struct w3p_span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < 0x20 || text.ptr[i] > 0x7e)
            return false;
    return true;
}

bool w3p_siwx_is_label(struct w3p_span label)
{
    return label.len <= W3P_SIWX_LABEL_MAX && all_of(label, PCHAR);
}

// NULL, or what is wrong with the value of a field.
static const char *check_value(unsigned field, struct w3p_span value, const struct profile *profile)
{
    switch (field) {
    case URI:
        return is_uri(value) ? NULL : "URI is no URI";
    case VERSION:
        return w3p_span_eq_str(value, profile->version) ||
                       (profile->other_version != NULL && w3p_span_eq_str(value, profile->other_version))
                   ? NULL
                   : "Version is not that of this kind of text";
    case CHAIN_ID:
    case CHAIN_ID_LAST:
        if (profile->eip4361)
            return is_digits(value) ? NULL : "Chain ID is no number";
        return value.len > 0 && all_of(value, PCHAR) ? NULL : "Chain ID is none";
    case NONCE:
        if (profile->eip4361)
            return value.len >= 8 && all_of(value, ALNUM) ? NULL : "Nonce is not 8 or more letters and digits";
        return value.len > 0 && all_of(value, PCHAR) ? NULL : "Nonce is none";
    case REQUEST_ID:
        return all_of(value, PCHAR) ? NULL : "Request ID holds characters that may not stand in one";
    default:
        return is_date(value) ? NULL : "a time is not of the form 2026-01-31T00:00:00Z";
    }
}

// ---- reading ----

struct lines {
    const char *at, *end; // at NULL: no more
};

static bool next_line(struct lines *lines, struct w3p_span *line)
{
    if (lines->at == NULL)
        return false;
    const char *from = lines->at, *lf = memchr(from, '\n', (size_t)(lines->end - from));
    *line = W3P_SPAN(from, (size_t)((lf != NULL ? lf : lines->end) - from));
    lines->at = lf != NULL ? lf + 1 : NULL;
    return true;
}

static struct w3p_span after(struct w3p_span line, const char *prefix)
{
    size_t len = strlen(prefix);
    return W3P_SPAN(line.ptr + len, line.len - len);
}

// The field whose label the line begins with, from `from` on; FIELDS when there is none.
static unsigned field_of(struct w3p_span line, unsigned from)
{
    unsigned field = from;
    while (field < FIELDS && !w3p_span_has_prefix(line, fields[field].label))
        field++;
    return field;
}

static bool begins_fields(struct w3p_span line)
{
    return field_of(line, 0) < FIELDS || w3p_span_eq_str(line, RESOURCES);
}

static const char *read_domain(struct w3p_siwx *out, struct w3p_span text)
{
    static const char *const schemes[] = {"https://", "http://"};
    char host[W3P_HOST_MAX];
    out->domain = text;
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
        if (w3p_span_has_prefix(text, schemes[i])) {
            out->uri_scheme = W3P_SPAN(text.ptr, strlen(schemes[i]) - 3);
            out->domain = after(text, schemes[i]);
        }
    return w3p_host_parse(host, out->domain) == W3P_OK ? NULL : "the domain is no host";
}

// "domain wants you to sign in with your Chain account:". A domain holds no space, so the first one ends it.
static const char *read_header(struct w3p_siwx *out, struct w3p_span line)
{
    static const char wrong[] = "the first line is not \"… wants you to sign in with your … account:\"";
    const uint8_t *space = line.len > 0 ? memchr(line.ptr, ' ', line.len) : NULL;
    if (space == NULL)
        return wrong;
    size_t domain_len = (size_t)(space - line.ptr), end = strlen(ACCOUNT);
    struct w3p_span rest = W3P_SPAN(space, line.len - domain_len);
    if (!w3p_span_has_prefix(rest, WANTS))
        return wrong;
    rest = after(rest, WANTS);
    if (rest.len <= end || memcmp(rest.ptr + rest.len - end, ACCOUNT, end) != 0)
        return wrong;
    out->chain_name = W3P_SPAN(rest.ptr, rest.len - end);
    const uint8_t *name = out->chain_name.ptr;
    if (!all_of(out->chain_name, ALNUM | SPACE) || name[0] == ' ' || name[out->chain_name.len - 1] == ' ')
        return "the name of the chain is none";
    return read_domain(out, W3P_SPAN(line.ptr, domain_len));
}

static bool has_both_cases(struct w3p_span text)
{
    bool lower = false, upper = false;
    for (size_t i = 0; i < text.len; i++) {
        lower |= text.ptr[i] >= 'a' && text.ptr[i] <= 'z';
        upper |= text.ptr[i] >= 'A' && text.ptr[i] <= 'Z';
    }
    return lower && upper;
}

static const char *read_address(struct w3p_siwx *out, struct lines *lines, const struct profile *profile)
{
    if (!next_line(lines, &out->address) || out->address.len == 0 || memchr(out->address.ptr, ' ', out->address.len))
        return "the second line is no address";
    if (!profile->eip4361)
        return NULL;
    struct w3p_address address;
    char spelled[43];
    if (!w3p_ethereum_parse_key(&address, (const char *)out->address.ptr, out->address.len))
        return "the address is none of Ethereum";
    if (has_both_cases(after(out->address, "0x"))) // then its checksum was looked at
        return NULL;
    w3p_eth_address_format(spelled, address.key);
    return w3p_span_eq_str(out->address, spelled) ? NULL : "the address is not in its mixed-case spelling (EIP-55)";
}

static const char *check_statement(struct w3p_span statement, const struct profile *profile)
{
    bool good = !profile->eip4361 || all_of(statement, ALNUM | MARK | SUB_DELIM | COLON_AT | SLASHES | SPACE);
    return good ? NULL : "the statement holds characters that may not stand in one";
}

// From the empty line after the address to the first field, which *line then is. *more false: the text ends before.
static const char *read_statement(struct w3p_siwx *out, struct w3p_span *line, bool *more, struct lines *lines,
                                  const struct profile *profile)
{
    static const char gaps[] = "empty lines are missing or too many";
    *more = next_line(lines, line);
    if (!*more)
        return NULL;
    if (line->len != 0 || !next_line(lines, line))
        return gaps;
    if (line->len > 0 && !begins_fields(*line)) {
        out->statement = *line;
        out->has_statement = true;
        *more = next_line(lines, line);
        if (*more && (line->len != 0 || !next_line(lines, line)))
            return gaps;
        return check_statement(out->statement, profile);
    }
    out->two_gaps = line->len == 0;
    if (profile->gaps != EITHER_GAPS && out->two_gaps != (profile->gaps == TWO_GAPS))
        return gaps;
    return out->two_gaps && !next_line(lines, line) ? gaps : NULL;
}

static const char *read_resources(struct w3p_siwx *out, struct lines *lines)
{
    struct w3p_span line;
    out->has_resources = true;
    while (next_line(lines, &line)) {
        if (!w3p_span_has_prefix(line, RESOURCE) || !is_uri(after(line, RESOURCE)))
            return "a line after Resources is not \"- \" and a URI";
        if (out->resource_count == W3P_SIWX_RESOURCES_MAX)
            return "more than 32 resources";
        out->resources[out->resource_count++] = after(line, RESOURCE);
    }
    return NULL;
}

static struct w3p_span *span_of(struct w3p_siwx *siwx, unsigned field)
{
    return (struct w3p_span *)(void *)((char *)siwx + fields[field].at);
}

static const char *read_fields(struct w3p_siwx *out, struct w3p_span line, struct lines *lines,
                               const struct profile *profile)
{
    unsigned next = URI;
    do {
        if (w3p_span_eq_str(line, RESOURCES))
            return read_resources(out, lines);
        unsigned field = field_of(line, next);
        if (field == FIELDS)
            return field_of(line, 0) == FIELDS ? "a line is no known field" : "a field stands twice or out of order";
        struct w3p_span *value = span_of(out, field);
        if (value->ptr != NULL || (field == CHAIN_ID_LAST && profile->eip4361))
            return "a field stands twice or out of order";
        *value = after(line, fields[field].label);
        const char *wrong = check_value(field, *value, profile);
        if (wrong != NULL)
            return wrong;
        out->chain_id_last |= field == CHAIN_ID_LAST;
        next = field + 1;
    } while (next_line(lines, &line));
    return NULL;
}

// What check_value has found to be times.
static void note_times(struct w3p_siwx *out)
{
    struct {
        const struct w3p_span *text;
        int64_t *ms;
        bool *has;
    } times[] = {{&out->issued, &out->issued_ms, &out->has_issued},
                 {&out->expires, &out->expires_ms, &out->has_expires},
                 {&out->not_before, &out->not_before_ms, &out->has_not_before}};
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
        *times[i].has = times[i].text->ptr != NULL &&
                        w3p_rfc3339_parse(times[i].ms, (const char *)times[i].text->ptr, times[i].text->len) == W3P_OK;
}

static const char *read_all(struct w3p_siwx *out, const char *text, size_t len)
{
    struct lines lines = {text, text + len};
    struct w3p_span line;
    bool more;
    if (len > W3P_SIWX_MAX)
        return "the text is longer than 2048 bytes";
    for (size_t i = 0; i < len; i++)
        if (text[i] != '\n' && (text[i] < 0x20 || text[i] > 0x7e))
            return "the text holds something else than printable ASCII and line feeds";
    if (len == 0 || !next_line(&lines, &line))
        return "the text is empty";
    const char *wrong = read_header(out, line);
    if (wrong != NULL)
        return wrong;
    const struct profile *profile = profile_of(out->chain_name);
    wrong = read_address(out, &lines, profile);
    if (wrong == NULL)
        wrong = read_statement(out, &line, &more, &lines, profile);
    if (wrong == NULL && more)
        wrong = read_fields(out, line, &lines, profile);
    for (unsigned field = URI; wrong == NULL && field < CHAIN_ID_LAST; field++)
        if ((profile->required & 1u << field) != 0 && span_of(out, field)->ptr == NULL)
            wrong = "a field that this kind of text must have is missing";
    note_times(out);
    return wrong;
}

int w3p_siwx_parse(struct w3p_siwx *out, const char **why, const char *text, size_t len)
{
    memset(out, 0, sizeof(*out));
    const char *wrong = read_all(out, text, len);
    if (wrong == NULL)
        return W3P_OK;
    memset(out, 0, sizeof(*out));
    if (why != NULL)
        *why = wrong;
    return W3P_E_INVALID;
}

struct w3p_span w3p_siwx_unwrap(struct w3p_span text)
{
    static const char open[] = "<Bytes>", close[] = "</Bytes>";
    size_t head = sizeof(open) - 1, tail = sizeof(close) - 1;
    if (text.len < head + tail || memcmp(text.ptr, open, head) != 0 ||
        memcmp(text.ptr + text.len - tail, close, tail) != 0)
        return text;
    return W3P_SPAN(text.ptr + head, text.len - head - tail);
}

// ---- writing ----

// A line feed inside a value would be another line, with another meaning.
static bool values_are_printable(struct w3p_siwx *siwx)
{
    const struct w3p_span heads[] = {siwx->uri_scheme, siwx->domain, siwx->chain_name, siwx->address, siwx->statement};
    bool good = siwx->resource_count <= W3P_SIWX_RESOURCES_MAX;
    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
        good = good && is_printable(heads[i]);
    for (unsigned field = URI; field < CHAIN_ID_LAST; field++)
        good = good && is_printable(*span_of(siwx, field));
    for (size_t i = 0; good && i < siwx->resource_count; i++)
        good = is_printable(siwx->resources[i]);
    return good;
}

static void put_head(struct w3p_buf *out, const struct w3p_siwx *siwx)
{
    w3p_buf_put_span(out, siwx->uri_scheme);
    if (siwx->uri_scheme.len > 0)
        w3p_buf_put_str(out, "://");
    w3p_buf_put_span(out, siwx->domain);
    w3p_buf_put_str(out, WANTS);
    w3p_buf_put_span(out, siwx->chain_name);
    w3p_buf_put_str(out, ACCOUNT "\n");
    w3p_buf_put_span(out, siwx->address);
    if (siwx->has_statement) {
        w3p_buf_put_str(out, "\n\n");
        w3p_buf_put_span(out, siwx->statement);
    }
}

static void put_fields(struct w3p_buf *out, struct w3p_siwx *siwx)
{
    bool two_gaps = !siwx->has_statement && (siwx->two_gaps || profile_of(siwx->chain_name)->gaps == TWO_GAPS);
    const char *before = two_gaps ? "\n\n\n" : "\n\n";
    for (unsigned field = URI; field < FIELDS; field++) {
        const struct w3p_span *value = span_of(siwx, field);
        if (value->ptr == NULL || field == (siwx->chain_id_last ? CHAIN_ID : CHAIN_ID_LAST))
            continue;
        w3p_buf_put_str(out, before);
        w3p_buf_put_str(out, fields[field].label);
        w3p_buf_put_span(out, *value);
        before = "\n";
    }
    if (!siwx->has_resources && siwx->resource_count == 0)
        return;
    w3p_buf_put_str(out, before);
    w3p_buf_put_str(out, RESOURCES);
    for (size_t i = 0; i < siwx->resource_count; i++) {
        w3p_buf_put_str(out, "\n" RESOURCE);
        w3p_buf_put_span(out, siwx->resources[i]);
    }
}

static void fill_time(struct w3p_span *text, char spelled[W3P_RFC3339_LEN + 1], bool has, int64_t ms)
{
    if (!has || text->ptr != NULL)
        return;
    w3p_rfc3339_format(spelled, ms);
    *text = W3P_SPAN(spelled, W3P_RFC3339_LEN);
}

int w3p_siwx_write(struct w3p_buf *out, const struct w3p_siwx *wanted)
{
    char times[3][W3P_RFC3339_LEN + 1];
    struct w3p_siwx filled = *wanted, parsed;
    fill_time(&filled.issued, times[0], filled.has_issued, filled.issued_ms);
    fill_time(&filled.expires, times[1], filled.has_expires, filled.expires_ms);
    fill_time(&filled.not_before, times[2], filled.has_not_before, filled.not_before_ms);
    if (!values_are_printable(&filled))
        return W3P_E_INVALID;

    struct w3p_buf text;
    w3p_buf_init(&text, W3P_SIWX_MAX);
    put_head(&text, &filled);
    put_fields(&text, &filled);
    int err = w3p_buf_status(&text);
    if (err == W3P_OK)
        err = w3p_siwx_parse(&parsed, NULL, w3p_buf_str(&text), text.len);
    if (err == W3P_OK) {
        w3p_buf_put_span(out, w3p_buf_span(&text));
        err = w3p_buf_status(out);
    }
    w3p_buf_deinit(&text);
    return err;
}
