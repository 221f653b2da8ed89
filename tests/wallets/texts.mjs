// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// Sign-in texts: written by the libraries of the dApps, spoilt, and read by a grammar of our own besides theirs, because
// theirs pass much that a person would see otherwise than a program reads it.
import { SiweMessage } from 'siwe'
import { createSignInMessageText, parseSignInMessageText } from '@solana/wallet-standard-util'
import { SiwsMessage } from '@talismn/siws/dist/SiwsMessage.js'
import { getAddress } from 'ethers'
import { below, chance, NOW, pick } from './rng.mjs'
import { stricter } from './strict.mjs'

export const OWN = ['gw.example', 'localhost:3000']
export const DAPPS = ['dapp.example', 'app.gw.example:8443']
const ALNUM = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const word = (alphabet, least, most) => Array.from({ length: least + below(most - least + 1) }, () => pick([...alphabet])).join('')

const iso = (ms) => pick([
  () => new Date(ms).toISOString(), () => new Date(ms).toISOString().replace(/\.\d+/, ''),
  () => new Date(ms + 7200000).toISOString().replace('Z', '+02:00'), () => new Date(ms - 16200000).toISOString().replace(/\.\d+Z/, '-04:30')
])()
const DAY = 86400000

// What a text shall say; all of it good.
export function fields (chain, address) {
  const issued = NOW - below(30 * DAY) + pick([0, 0, 0, 59000])
  const optional = (make, probability = 0.5) => chance(probability) ? make() : undefined
  const host = pick(OWN)
  return {
    scheme: optional(() => pick(['https', 'http']), 0.2),
    domain: pick([...OWN, ...DAPPS]),
    address,
    statement: optional(() => 'Let me pin: ' + word(ALNUM + '  .,;!?()/+-=_*@#$', 0, 60), 0.7),
    uri: pick(['https://' + host, `https://${host}/`, `http://${host}/psa/pins?x=1#y`, `https://${host.toUpperCase()}/a%20b`, 'https://gw.example:443/', 'http://gw.example:80', 'HTTPS://gw.example']),
    version: chain.name === 'substrate' ? '1.0.0' : '1',
    chainId: chain.name === 'ethereum' ? String(1 + below(100000)) : optional(() => chain.chainId ?? word(ALNUM + '-:', 1, 20)),
    nonce: word(ALNUM, 8, 32),
    issuedAt: iso(issued),
    expirationTime: iso(Math.max(NOW + 61000, issued + 1000 + below(366) * DAY)),
    notBefore: optional(() => iso(NOW + 60000 - below(DAY)), 0.3),
    requestId: optional(() => word(ALNUM + '-._~!$&\'()*+,;=:@', 0, 80), 0.5),
    resources: null
  }
}

export function write (chain, said) {
  if (chain.name === 'ethereum') return new SiweMessage({ ...said, chainId: Number(said.chainId) }).prepareMessage()
  if (chain.name === 'substrate') {
    const times = { issuedAt: said.issuedAt, expirationTime: said.expirationTime, notBefore: said.notBefore }
    for (const [name, text] of Object.entries(times)) times[name] = text && Date.parse(text)
    const text = new SiwsMessage({ ...said, ...times, chainName: pick(['Polkadot', 'Substrate']) }).prepareMessage()
    return said.scheme ? `${said.scheme}://${text}` : text
  }
  const text = createSignInMessageText(said).replace('your Solana account', `your ${chain.siwx} account`)
  return said.scheme ? `${said.scheme}://${text}` : text
}

// --- the grammar, once more ---

const PCHAR = "(?:[A-Za-z0-9\\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})"
const DATE = '\\d{4}-\\d{2}-\\d{2}[Tt]\\d{2}:\\d{2}:\\d{2}(?:\\.\\d{1,9})?(?:[Zz]|[+-]\\d{2}:\\d{2})'
const URI = `[A-Za-z][A-Za-z0-9+.\\-]*:(?:${PCHAR}|[/?#\\[\\]])*`
const LABEL = '(?:URI|Version|Chain ID|Nonce|Issued At|Expiration Time|Not Before|Request ID): |Resources:$'
const HEAD = '^(?:https?://)?(?<domain>[A-Za-z0-9\\-.]+(?::\\d+)?) wants you to sign in with your (?<chain>[A-Za-z0-9]+(?: +[A-Za-z0-9]+)*) account:\\n(?<address>[!-~]+)'
const line = (label, name, value, must) => must ? `\\n${label}: (?<${name}>${value})` : `(?:\\n${label}: (?<${name}>${value}))?`
function grammar ({ version, chainId, nonce, statement, gaps, must, chainIdLast }) {
  const body = line('URI', 'uri', URI, must.uri) + line('Version', 'version', version, must.version) +
    line('Chain ID', 'chainId', chainId, must.chainId) + line('Nonce', 'nonce', nonce, must.nonce) + line('Issued At', 'issuedAt', DATE, must.issuedAt) +
    line('Expiration Time', 'expirationTime', DATE) + line('Not Before', 'notBefore', DATE) + line('Request ID', 'requestId', PCHAR + '*') +
    (chainIdLast ? line('Chain ID', 'chainIdLast', chainId) : '') + `(?<resources>\\nResources:(?:\\n- ${URI})*)?`
  const some = must.uri ? '' : '?' // all of it may be missing
  return new RegExp(`${HEAD}(?:\\n\\n(?!${LABEL})(?<statement>${statement}+)(?:\\n(?=\\n)${body})${some}|(?:${gaps}(?=\\n)${body.replaceAll('?<', '?<_')})${some})$`, 'm')
}
const ANY = '[ -~]'
const GRAMMARS = {
  Ethereum: grammar({ version: '1', chainId: '\\d+', nonce: '[A-Za-z0-9]{8,}', statement: "[A-Za-z0-9\\-._~:/?#\\[\\]@!$&'()*+,;= ]", gaps: '\\n\\n', must: { uri: true, version: true, chainId: true, nonce: true, issuedAt: true } }),
  Solana: grammar({ version: '1', chainId: PCHAR + '+', nonce: PCHAR + '+', statement: ANY, gaps: '\\n', must: {}, chainIdLast: true }),
  Polkadot: grammar({ version: '1(?:\\.0\\.0)?', chainId: PCHAR + '+', nonce: PCHAR + '+', statement: ANY, gaps: '\\n', must: { uri: true, version: true, nonce: true, issuedAt: true }, chainIdLast: true }),
  other: grammar({ version: '1', chainId: PCHAR + '+', nonce: PCHAR + '+', statement: ANY, gaps: '\\n\\n?', must: { uri: true, version: true }, chainIdLast: true })
}
GRAMMARS.Substrate = GRAMMARS.Polkadot

const daysOf = (year, month) => month === 2 ? (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31
function time (text) {
  if (text === undefined) return null
  const [year, month, day] = text.split(/[-Tt]/).map(Number)
  const [hours, minutes] = /[+-](\d\d):(\d\d)$/.exec(text)?.slice(1).map(Number) ?? [0, 0]
  if (month < 1 || month > 12 || day < 1 || day > daysOf(year, month) || hours > 23 || minutes > 59) return NaN
  return /[Tt](2[0-3]|[01]\d):[0-5]\d:[0-5]\d/.test(text) ? Date.parse(text.toUpperCase().replace(/(\.\d{1,3})\d*/, '$1')) : NaN
}

// The fields of a text; null: not of the form; false: the chain's own library refuses it.
export function readText (text) {
  const said = strictly(text)
  const theirs = byLibrary(text)
  if (said === null) {
    stricter('a text that is not of the exact form', Boolean(theirs))
    return null
  }
  return theirs === false ? false : said
}

function strictly (text) {
  if (text.length > 2048 || /[^\n -~]/.test(text)) return null
  const chainName = /^\S+ wants you to sign in with your (.*) account:\n/.exec(text)?.[1]
  const match = (GRAMMARS[chainName] ?? GRAMMARS.other).exec(text)
  if (match === null || match[0] !== text) return null
  const said = {}
  for (const [name, value] of Object.entries(match.groups)) said[name.replace(/^_/, '')] ??= value
  if (said.chainId !== undefined && said.chainIdLast !== undefined) return null
  said.resources = said.resources === undefined ? [] : said.resources.split('\n- ').slice(1)
  if (said.resources.length > 32 || !isHost(said.domain)) return null
  for (const name of ['issuedAt', 'expirationTime', 'notBefore']) {
    said[name] = time(said[name])
    if (Number.isNaN(said[name])) return null
  }
  if (said.chain === 'Ethereum') {
    try { if (getAddress(said.address) !== said.address) return null } catch { return null }
  }
  return said
}

// Names of dots and letters; one spelling.
export function isHost (text) {
  const [name, port] = text.split(':')
  if (port !== undefined && (!/^[1-9]\d*$/.test(port) || Number(port) > 65535)) return false
  return name.length <= 253 && name.split('.').every((label) => /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(label))
}

// What a browser takes for the host, of URIs that a browser does not repair.
export function hostOf (uri) {
  const match = /^https?:\/\/([^/?#\\]*)(?:[/?#]|$)/i.exec(uri ?? '')
  if (match === null || !isHost(match[1])) return null
  try { return new URL(uri).host } catch { return null }
}

// The library of the chain that the text names; false: it refuses; null: there is none, or it does not know.
function byLibrary (text) {
  const chainName = / wants you to sign in with your (.*) account:/.exec(text)?.[1]
  try {
    if (chainName === 'Ethereum') return new SiweMessage(text)
    if (chainName === 'Solana') return parseSignInMessageText(text) ?? false
    if (chainName === 'Polkadot' || chainName === 'Substrate') return new SiwsMessage(text)
  } catch (error) {
    // it looks at the clock, and knows one version: both are for later
    return /expired|greater|valid version/.test(error.message + error.cause?.message) ? null : false
  }
  return null
}
