// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what all metadata versions are made of: names, byte values, documentation, counted lists.
// Must not: allocate more than the bytes that are left can fill.
#include <string.h>

#include "substrate/metadata_arena.h"
#include "substrate/scale.h"

#define DOC_MAX (64u << 10)
#define DOC_LINES_MAX 4096u

const char *w3p_md_read_text(struct w3p_md_in *in)
{
    struct w3p_span bytes = w3p_scale_bytes(in->r, W3P_MD_TEXT_MAX);
    if (bytes.len > 0 && memchr(bytes.ptr, 0, bytes.len) != NULL) {
        w3p_reader_fail(in->r, W3P_E_INVALID);
        bytes.len = 0;
    }
    return w3p_md_words(in, bytes);
}

struct w3p_span w3p_md_read_value(struct w3p_md_in *in)
{
    struct w3p_span bytes = w3p_scale_bytes(in->r, W3P_METADATA_MAX);
    const char *copy = w3p_md_text(in, bytes);
    return W3P_SPAN(copy, in->r->err == W3P_OK ? bytes.len : 0);
}

void w3p_md_skip_docs(struct w3p_md_in *in)
{
    size_t lines = w3p_scale_length(in->r, DOC_LINES_MAX);
    for (size_t i = 0; i < lines && in->r->err == W3P_OK; i++)
        (void)w3p_scale_bytes(in->r, DOC_MAX);
}

static struct w3p_span trimmed(struct w3p_span line)
{
    while (line.len > 0 && line.ptr[0] <= ' ')
        line = W3P_SPAN(line.ptr + 1, line.len - 1);
    while (line.len > 0 && line.ptr[line.len - 1] <= ' ')
        line.len--;
    return line;
}

// What is beyond DOC_MAX in total is refused.
const char *w3p_md_read_docs(struct w3p_md_in *in)
{
    struct w3p_buf joined;
    w3p_buf_init(&joined, DOC_MAX);
    size_t lines = w3p_scale_length(in->r, DOC_LINES_MAX);
    for (size_t i = 0; i < lines && in->r->err == W3P_OK; i++) {
        struct w3p_span line = trimmed(w3p_scale_bytes(in->r, DOC_MAX));
        if (line.len == 0)
            continue;
        if (memchr(line.ptr, 0, line.len) != NULL)
            w3p_reader_fail(in->r, W3P_E_INVALID);
        if (joined.len > 0)
            w3p_buf_put_u8(&joined, ' ');
        w3p_buf_put_span(&joined, line);
    }
    if (joined.failed)
        w3p_reader_fail(in->r, W3P_E_LIMIT);
    const char *text = w3p_md_words(in, w3p_buf_span(&joined));
    w3p_buf_deinit(&joined);
    return text;
}

uint8_t w3p_md_read_hasher(struct w3p_md_in *in)
{
    uint8_t hasher = w3p_reader_u8(in->r);
    if (hasher > W3P_IDENTITY)
        w3p_reader_fail(in->r, W3P_E_INVALID);
    return hasher <= W3P_IDENTITY ? hasher : 0;
}

size_t w3p_md_read_array(struct w3p_md_in *in, void *array_out, size_t element_size, size_t element_min, size_t max)
{
    size_t count = w3p_scale_length(in->r, max);
    if (count > w3p_reader_left(in->r) / element_min)
        w3p_reader_fail(in->r, W3P_E_INVALID);
    void *array = in->r->err == W3P_OK ? w3p_md_alloc(in, count, element_size) : NULL;
    memcpy(array_out, &array, sizeof array);
    return array != NULL ? count : 0;
}
