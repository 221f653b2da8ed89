// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: what the books know of a content's newest order, for the proof that it may be paid once more.
// Threads: that of the w3p_db.  Must not: change anything.
#ifndef W3P_PINNER_PRIOR_STORE_H
#define W3P_PINNER_PRIOR_STORE_H

#include "contents.h"

// Fills everything but cids and renewal. W3P_E_NOTFOUND: the content was never ordered.
int w3p_prior_load(struct w3p_db *db, struct w3p_chain_prior *out, int64_t content_id) W3P_NODISCARD;

#endif
