// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Purpose: named moments at which a test can have the process killed: around every write and every send of the order
// path. Only a build with W3P_TEST_HOOKS knows them: elsewhere they are nothing, and no name is in the binary.
// W3PIN_TEST_CRASH=NAME:N ends the process by SIGKILL at the N-th time that it comes to NAME.
// Threads: any.  Must not: do anything but count and kill.
#ifndef W3P_BASE_CRASH_H
#define W3P_BASE_CRASH_H

// WRITTEN: in the open transaction, behind the last row of it. HALF: between two rows that belong together.
// STORED: behind the commit, before anything in memory or on the wire follows from it.
#define W3P_CRASH_POINTS(X)                                                                                            \
    /* a new database */                                                                                               \
    X(SCHEMA_WRITTEN)                                                                                                  \
    X(SCHEMA_STORED)                                                                                                   \
    X(BINDING_WRITTEN)                                                                                                 \
    X(BINDING_STORED)                                                                                                  \
    X(TERMS_WRITTEN)                                                                                                   \
    X(TERMS_STORED)                                                                                                    \
    /* any group of writes */                                                                                          \
    X(GROUP_BEGUN)                                                                                                     \
    X(COMMIT_BEFORE)                                                                                                   \
    X(COMMIT_AFTER)                                                                                                    \
    X(CHECKPOINT_BEFORE)                                                                                               \
    X(CHECKPOINT_AFTER)                                                                                                \
    /* pins */                                                                                                         \
    X(PIN_PROMISE_HALF)                                                                                                \
    X(PIN_KEY_HALF)                                                                                                    \
    X(PIN_ADD_WRITTEN)                                                                                                 \
    X(PIN_DELETE_WRITTEN)                                                                                              \
    X(PIN_REPLACE_HALF)                                                                                                \
    X(PIN_REPLACE_WRITTEN)                                                                                             \
    X(PIN_STORED)                                                                                                      \
    X(PIN_ANSWER_HANDED_OVER)                                                                                          \
    X(PIN_ANSWER_BEFORE)                                                                                               \
    X(PIN_ANSWER_AFTER)                                                                                                \
    /* the queue */                                                                                                    \
    X(QUEUE_LOOKED_UP)                                                                                                 \
    X(QUEUE_DEFER_WRITTEN)                                                                                             \
    X(QUEUE_DEFER_STORED)                                                                                              \
    X(QUEUE_REJECT_WRITTEN)                                                                                            \
    X(QUEUE_REJECT_STORED)                                                                                             \
    X(QUEUE_ADOPT_WRITTEN)                                                                                             \
    X(QUEUE_ADOPT_STORED)                                                                                              \
    /* an order */                                                                                                     \
    X(ORDER_SIGNED_UNSTORED)                                                                                           \
    X(ORDER_BUDGET_HALF)                                                                                               \
    X(ORDER_INSERT_HALF)                                                                                               \
    X(ORDER_SIGNED_WRITTEN)                                                                                            \
    X(ORDER_SIGNED_STORED)                                                                                             \
    X(ORDER_SEND_BEFORE)                                                                                               \
    X(ORDER_SEND_AFTER)                                                                                                \
    X(ORDER_SUBMITTED_WRITTEN)                                                                                         \
    X(ORDER_SUBMITTED_STORED)                                                                                          \
    X(ORDER_IN_BLOCK_WRITTEN)                                                                                          \
    X(ORDER_IN_BLOCK_STORED)                                                                                           \
    X(ORDER_RETRACTED_WRITTEN)                                                                                         \
    X(ORDER_RETRACTED_STORED)                                                                                          \
    X(ORDER_FINAL_HALF)                                                                                                \
    X(ORDER_FINAL_WRITTEN)                                                                                             \
    X(ORDER_FINAL_STORED)                                                                                              \
    X(ORDER_ENDED_HALF)                                                                                                \
    X(ORDER_LOST_WRITTEN)                                                                                              \
    X(ORDER_LOST_STORED)                                                                                               \
    X(ORDER_FAILED_WRITTEN)                                                                                            \
    X(ORDER_FAILED_STORED)                                                                                             \
    X(RENEWAL_SIGNED_STORED)                                                                                           \
    X(RENEWAL_FINAL_STORED)                                                                                            \
    /* several orders in one transaction */                                                                            \
    X(BATCH_INSERT_HALF)                                                                                               \
    X(BATCH_SIGNED_STORED)                                                                                             \
    X(BATCH_MOVE_HALF)                                                                                                 \
    X(BATCH_END_HALF)                                                                                                  \
    X(BATCH_INTERRUPTED_STORED)                                                                                        \
    /* replicas */                                                                                                     \
    X(TRACKER_HALF)                                                                                                    \
    X(TRACKER_REPLICAS_WRITTEN)                                                                                        \
    X(TRACKER_GONE_WRITTEN)                                                                                            \
    X(TRACKER_WRITTEN)                                                                                                 \
    X(TRACKER_STORED)

#ifdef W3P_TEST_HOOKS
#define W3P_CRASH_ENUM(name) W3P_CRASH_##name,
enum w3p_crash_point { W3P_CRASH_POINTS(W3P_CRASH_ENUM) W3P_CRASH_COUNT };
void w3p_crash_pass(enum w3p_crash_point point);
#define W3P_CRASH_POINT(name) w3p_crash_pass(W3P_CRASH_##name)
#define W3P_CRASH_POINT_IF(condition, name) ((condition) ? w3p_crash_pass(W3P_CRASH_##name) : (void)0)
#else
#define W3P_CRASH_POINT(name) ((void)0)
#define W3P_CRASH_POINT_IF(condition, name) ((void)0)
#endif

#endif
