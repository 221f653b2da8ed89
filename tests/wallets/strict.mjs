// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// What a library lets pass and a gateway must not, counted: a run in which such a case never came up proves nothing of it.

export const taken = {}

// Always false, for the caller to return. The library's own verdict decides whether it counts.
export function stricter (why, libraryTakesIt) {
  if (libraryTakesIt) taken[why] = (taken[why] ?? 0) + 1
  return false
}

// The libraries are slow, and good tokens of one account are one signature in many spellings: each is asked for once.
const answers = new Map()
export function once (make, ...of) {
  const key = of.map((part) => typeof part === 'string' ? part : Buffer.from(part).toString('hex')).join('|')
  if (!answers.has(key)) answers.set(key, make())
  return answers.get(key)
}
