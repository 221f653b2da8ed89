// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: walks System.Events of a block by the types of the metadata. A type that is not known ends the walk: the
// bytes of other people's events are never searched for patterns.
// Threads: any, one object at a time.  Ownership: borrows bytes and metadata.  Source: frame-system, 2021 to 2024.
#ifndef W3P_CHAINS_SUBSTRATE_EVENTS_H
#define W3P_CHAINS_SUBSTRATE_EVENTS_H

#include "base/reader.h"
#include "substrate/metadata.h"

#define W3P_EVENTS_MAX 65536 // records of one block

enum w3p_event_phase { W3P_PHASE_EXTRINSIC, W3P_PHASE_FINALIZATION, W3P_PHASE_INITIALIZATION };

struct w3p_event {
    enum w3p_event_phase phase;
    uint32_t extrinsic; // index, of W3P_PHASE_EXTRINSIC
    const struct w3p_md_pallet *pallet;
    const struct w3p_type_variant *event;
    struct w3p_span args; // all arguments, encoded
};

struct w3p_events {
    struct w3p_reader reader;
    const struct w3p_metadata *md;
    size_t left;
    size_t steps; // left for all records together
};

// The reader's `err` tells what happened. bytes: the value of System.Events.
void w3p_events_init(struct w3p_events *events, const struct w3p_metadata *md, const uint8_t *bytes, size_t len);
// The next record: true. False at the end, and on failure: then events->reader.err is W3P_E_INVALID for broken bytes,
// W3P_E_UNSUPPORTED for an event or a type that is not known, W3P_E_LIMIT for a registry that never ends.
bool w3p_events_next(struct w3p_events *events, struct w3p_event *out);

bool w3p_event_is(const struct w3p_event *event, const char *pallet, const char *name);

#endif
