// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Prints cases for test_wallets.py, one a line, as JSON: {part, scheme, kind, line, want}. `line` is for verdicts.c,
// `want` is what the wallets' own libraries say. The last line counts what these libraries let pass and we must not.
//   sign.mjs PART COUNT CHAIN...     COUNT cases for each chain; W3PIN_TEST_SEED: another seed
import { restart, SEED } from './rng.mjs'
import { taken } from './strict.mjs'
import { CHAINS, tokenCases } from './tokens.mjs'
import { selfIssuedCases } from './selfissued.mjs'
import { loginCases } from './login.mjs'

const PARTS = { token: tokenCases, selfissued: selfIssuedCases, login: loginCases }
const [part, count, ...names] = process.argv.slice(2)

for (const chain of CHAINS.filter((one) => names.includes(one.name))) {
  restart(`${part} ${chain.name}`)
  for (const one of await PARTS[part](chain, Number(count))) process.stdout.write(JSON.stringify({ part, ...one }) + '\n')
}
process.stdout.write(JSON.stringify({ seed: SEED, taken }) + '\n')
