// Copyright 2026 the w3pin authors
// SPDX-License-Identifier: Apache-2.0
//
// @helia/remote-pinning at a gateway: helia.mjs URL TOKEN. A line of stdin is a step ("add", "rm", "ls", "get",
// "isPinned", "setMetadata" as [name, cid, argument]; "dialled"), a line of stdout {"value": …} or {"error": name}.
// Of the Helia node itself two things are played: the addresses that it has, and that it dials.
import { createInterface } from 'node:readline'
import { createRemotePins } from '@helia/remote-pinning'
import { multiaddr } from '@multiformats/multiaddr'
import { CID } from 'multiformats/cid'

const [url, token] = process.argv.slice(2)
const dialled = []
const addresses = ['/ip4/192.168.1.7/udp/4001/quic-v1/p2p/12D3KooWMcAHcs97R49PLZjGUKDbP1fr9iijeepod8fkktHTLCgN',
  '/ip6/::1/tcp/4001/p2p/12D3KooWMcAHcs97R49PLZjGUKDbP1fr9iijeepod8fkktHTLCgN']
const helia = {
  libp2p: {
    getMultiaddrs: () => addresses.map(text => multiaddr(text)),
    dial: async (to) => { dialled.push(...to.map(String)) }
  }
}
const pins = createRemotePins(helia, { endpointUrl: url, accessToken: token, pollInterval: 200 })

async function all (iterable) {
  const out = []
  for await (const item of iterable) out.push(item)
  return out
}

const steps = {
  add: async (cid, options) => (await all(pins.add(cid, options))).map(String),
  rm: async (cid) => (await all(pins.rm(cid))).map(String),
  ls: async (cid, options) => (await all(pins.ls({ ...options, ...(cid && { cid }) }))).map(pin => ({ ...pin, cid: String(pin.cid), depth: undefined })),
  get: async (cid) => { const { status, metadata } = await pins.get(cid); return { status, metadata } },
  isPinned: (cid) => pins.isPinned(cid),
  setMetadata: async (cid, metadata) => { await pins.setMetadata(cid, metadata); return null },
  dialled: async () => dialled
}

for await (const line of createInterface({ input: process.stdin })) {
  const [name, cid, argument] = JSON.parse(line)
  let answer
  try {
    answer = { value: await steps[name](cid ? CID.parse(cid) : undefined, argument) }
  } catch (error) {
    answer = { error: error.name ?? `status ${error.status}`, status: error.status ?? error.response?.status }
  }
  console.log(JSON.stringify(answer))
}
