// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Makes the compliance suite read its OpenAPI document from a file ($PSA_SPEC) and not from the Internet, without a
// change to the installed package: `node --import ./spec_hook.mjs …`. A suite that has moved the line fails at once.
import { register } from 'node:module'

const hook = `
const spec = ${JSON.stringify(process.env.PSA_SPEC)}
export async function load (url, context, next) {
  const loaded = await next(url, context)
  if (!url.endsWith('/pinning-service-compliance/dist/src/utils/constants.js')) return loaded
  const patched = String(loaded.source).replace(/const specLocation = .*;/, 'const specLocation = ' + JSON.stringify(spec) + ';')
  if (patched === String(loaded.source)) throw new Error('spec_hook: the suite no longer has the line that names its specification')
  return { ...loaded, source: patched }
}`
register('data:text/javascript,' + encodeURIComponent(hook))
