-- For wrk: sixteen requests at a time, some with a body.
local requests = {}

function init(args)
  for i = 1, 16 do
    local body = i % 4 == 0 and string.rep("x", i * 100) or nil
    requests[i] = wrk.format(body and "POST" or "GET", "/" .. i, nil, body)
  end
  requests = table.concat(requests)
end

function request()
  return requests
end
