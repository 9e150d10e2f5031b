local bodies = {}
for line in io.lines("@BODIES@") do
  bodies[#bodies + 1] = line
end
local number = 0
local headers = { ["Content-Type"] = "application/json" }

function request()
  number = number % #bodies + 1
  return wrk.format("POST", nil, headers, bodies[number])
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format("RESULT %d %d %d %d %d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), failed))
end
