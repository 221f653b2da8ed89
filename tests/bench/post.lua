-- Copyright 2026 the w3pin authors
-- SPDX-License-Identifier: Apache-2.0
--
-- wrk script: POST /psa/pins, each request another CID (raw, sha2-256, base32), from the accounts of W3PIN_BENCH_TOKENS
-- (one token a line).
local tokens, alphabet = {}, "abcdefghijklmnopqrstuvwxyz234567"
local thread_count = 0

function setup(thread)
  thread:set("seed", os.time() + 7919 * thread_count)
  thread_count = thread_count + 1
end

function init()
  for line in io.lines(os.getenv("W3PIN_BENCH_TOKENS")) do
    tokens[#tokens + 1] = "Bearer " .. line
  end
  math.randomseed(seed)
end

local function pick(set)
  local at = math.random(#set)
  return set:sub(at, at)
end

local n = 0
function request()
  n = n + 1
  local cid = { "bafkrei", pick("abcdefgh") }
  for i = 3, 52 do
    cid[i] = pick(alphabet)
  end
  cid[53] = pick("aeimquy4")
  local headers = { ["Authorization"] = tokens[n % #tokens + 1], ["Content-Type"] = "application/json" }
  return wrk.format("POST", "/psa/pins", headers, '{"cid":"' .. table.concat(cid) .. '","name":"bench"}')
end

function done(summary, latency)
  io.write(string.format("result %d %d %d %d %d\n", summary.requests, summary.duration, summary.errors.status + summary.errors.read
    + summary.errors.write + summary.errors.timeout, latency:percentile(50), latency:percentile(99)))
end
