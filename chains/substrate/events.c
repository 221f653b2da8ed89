// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: event records. Their frame (phase, event, topics) has never changed; what is in it the registry tells.
#include "substrate/events.h"

#include <string.h>

#include "substrate/scale.h"

void w3p_events_init(struct w3p_events *events, const struct w3p_metadata *md, const uint8_t *bytes, size_t len)
{
    w3p_reader_init(&events->reader, bytes, len);
    events->md = md;
    events->steps = W3P_TYPE_STEPS_MAX;
    events->left = w3p_scale_length(&events->reader, W3P_EVENTS_MAX);
}

bool w3p_events_next(struct w3p_events *events, struct w3p_event *out)
{
    struct w3p_reader *r = &events->reader;
    if (r->err != W3P_OK)
        return false;
    if (events->left == 0) {
        if (w3p_reader_left(r) != 0)
            w3p_reader_fail(r, W3P_E_INVALID);
        return false;
    }
    events->left--;
    memset(out, 0, sizeof(*out));
    uint8_t phase = w3p_reader_u8(r);
    if (phase > W3P_PHASE_INITIALIZATION) {
        w3p_reader_fail(r, W3P_E_INVALID);
        return false;
    }
    out->phase = (enum w3p_event_phase)phase;
    out->extrinsic = phase == W3P_PHASE_EXTRINSIC ? w3p_reader_le32(r) : 0;
    uint8_t pallet = w3p_reader_u8(r), index = w3p_reader_u8(r);
    if (r->err != W3P_OK)
        return false;
    out->pallet = w3p_md_pallet_at(events->md, pallet);
    out->event = out->pallet != NULL ? w3p_md_event_at(out->pallet, index) : NULL;
    if (out->event == NULL) {
        w3p_reader_fail(r, W3P_E_UNSUPPORTED);
        return false;
    }
    size_t start = r->pos;
    for (size_t i = 0; i < out->event->field_count && r->err == W3P_OK; i++)
        w3p_type_skip(r, &events->md->types, out->event->fields[i].type, &events->steps);
    out->args = W3P_SPAN(r->ptr + start, r->pos - start);
    size_t topics = w3p_scale_length(r, w3p_reader_left(r) / 32);
    w3p_reader_skip(r, topics * 32);
    return r->err == W3P_OK;
}

bool w3p_event_is(const struct w3p_event *event, const char *pallet, const char *name)
{
    return strcmp(event->pallet->name, pallet) == 0 && strcmp(event->event->name, name) == 0;
}
