-- Copyright 2026 the w3pin authors
-- SPDX-License-Identifier: Apache-2.0
--
-- wrk script: GETs in random order from W3PIN_BENCH_TARGETS, one "path TAB token" a line (no token: none is sent).
local targets = {}
local thread_count = 0

function setup(thread)
  thread:set("seed", os.time() + 7919 * thread_count)
  thread_count = thread_count + 1
end

function init()
  math.randomseed(seed)
  for line in io.lines(os.getenv("W3PIN_BENCH_TARGETS")) do
    local path, token = line:match("^(%S+)\t?(%S*)$")
    local headers = token ~= "" and { ["Authorization"] = "Bearer " .. token } or {}
    targets[#targets + 1] = wrk.format("GET", path, headers)
  end
end

function request()
  return targets[math.random(#targets)]
end

function done(summary, latency)
  io.write(string.format("result %d %d %d %d %d\n", summary.requests, summary.duration, summary.errors.status + summary.errors.read
    + summary.errors.write + summary.errors.timeout, latency:percentile(50), latency:percentile(99)))
end
