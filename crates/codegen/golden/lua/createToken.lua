#!/usr/bin/env lua
-- Get an access token
-- POST /oauth/token
--
-- It also takes:
--   account_id: With `account_credentials`: the account's id.
--   refresh_token: With `refresh_token`: the token to retire.
--   client_id: The app, where no Basic header names it.
-- For Lua 5.1 or later, with lua-cjson, LuaSocket and, for HTTPS, LuaSec.

-- Loads a module, or says which rock or package has it.
local function load(module, package)
    local good, loaded = pcall(require, module)
    if not good then
        io.stderr:write("Lua has no module ", module, ": install ", package, "\n")
        os.exit(1)
    end
    return loaded
end

local cjson = load("cjson", "lua-cjson")
local http = load("socket.http", "LuaSocket (Debian: lua-socket)")
local ltn12 = require("ltn12")
local mime = require("mime")
local socket = require("socket")

local function fail(message)
    io.stderr:write(message, "\n")
    os.exit(1)
end

-- Prints a value on one line; nothing if there is none, which is `cjson.null` or nil.
local function show(place, value)
    if type(value) == "number" then
        value = value == math.floor(value) and string.format("%.0f", value) or string.format("%.15g", value)
    elseif type(value) == "boolean" then
        value = tostring(value)
    elseif type(value) == "table" then
        value = cjson.encode(value)
    elseif type(value) ~= "string" then
        return
    end
    local text = value:gsub("[\\\n\r]", { ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r" })
    io.write(place, ": ", text, "\n")
end

-- Reads JSON. cjson makes doubles of all numbers: whole ones that a double would round are put in quotes.
local function parse(text)
    local pieces, position = {}, 1
    while true do
        local start = text:find('["%d-]', position)
        if not start then
            break
        end
        pieces[#pieces + 1] = text:sub(position, start - 1)
        local stop = start
        if text:byte(start) == 34 then
            repeat
                stop = text:find('["\\]', stop + 1) or #text
                local escapes = text:byte(stop) == 92
                stop = escapes and stop + 1 or stop
            until not escapes
            pieces[#pieces + 1] = text:sub(start, stop)
        else
            local number = text:match("^[%d.eE+-]+", start)
            stop = start + #number - 1
            local is_long = #number > 15 and number:find("^-?%d+$")
            pieces[#pieces + 1] = is_long and '"' .. number .. '"' or number
        end
        position = stop + 1
    end
    pieces[#pieces + 1] = text:sub(position)
    return cjson.decode(table.concat(pieces))
end

-- How long a server may take to answer.
http.TIMEOUT = 60

-- A variable of the environment.
local function setting(name)
    local value = os.getenv(name)
    if not value or value == "" then
        fail("set " .. name .. " in the environment")
    end
    return value
end

-- Percent-encodes all but letters, digits and -._~.
local function encode(text)
    return (text:gsub("[^A-Za-z0-9._~-]", function(byte)
        return string.format("%%%02X", byte:byte())
    end))
end

-- The parameters as a query or a form.
local function pairs_of(parameters)
    local written = {}
    for position, parameter in ipairs(parameters) do
        local values = {}
        for at = 2, #parameter do
            values[at - 1] = encode(parameter[at])
        end
        written[position] = encode(parameter[1]) .. "=" .. table.concat(values, ",")
    end
    return table.concat(written, "&")
end

-- How long an answer with status 429 asks to wait: in seconds, or up to an instant.
local function wait_seconds(headers)
    local retry_after = headers["retry-after"] or ""
    if retry_after:find("^%d+$") then
        return tonumber(retry_after)
    end
    local instant = "^(%d+)-(%d+)-(%d+)T(%d+):(%d+):(%d+)%.?%d*([Z+-])(%d*):?(%d*)$"
    local year, month, day, hour, min, sec, zone, zone_hours, zone_minutes = retry_after:match(instant)
    if not year then
        return 1
    end
    local utc = { year = year, month = month, day = day, hour = hour, min = min, sec = sec, isdst = false }
    local now = os.date("!*t")
    now.isdst = false
    local seconds = os.difftime(os.time(utc), os.time(now)) + 1
    if zone ~= "Z" then
        local offset = tonumber(zone_hours) * 3600 + (tonumber(zone_minutes) or 0) * 60
        seconds = seconds - (zone == "-" and -offset or offset)
    end
    return math.max(0, seconds)
end

-- The headers and the body of a good answer; after 429 it waits and asks again, at most five times.
local function send(url, headers, content)
    headers["Content-Length"] = content and tostring(#content)
    for attempt = 0, 5 do
        local chunks = {}
        local requester = url:find("^https:") and load("ssl.https", "LuaSec (Debian: lua-sec)") or http
        local done, status, answered = requester.request({
            url = url,
            method = "POST",
            headers = headers,
            source = content and ltn12.source.string(content),
            sink = ltn12.sink.table(chunks),
        })
        if not done then
            fail(url .. ": " .. tostring(status))
        end
        local text = table.concat(chunks)
        if status >= 200 and status < 300 then
            return answered, text
        end
        if status ~= 429 or attempt == 5 then
            fail("HTTP " .. status .. ": " .. text)
        end
        local seconds = wait_seconds(answered)
        io.stderr:write("429: waiting ", string.format("%.0f", seconds), " s\n")
        socket.sleep(seconds)
    end
end

local base_url = setting("API_BASE_URL"):gsub("/+$", "")
local grant_type = "account_credentials"

local headers = { ["Accept"] = "application/json", ["User-Agent"] = "rollcall-sample" }
local credentials = setting("API_CLIENT_ID") .. ":" .. setting("API_CLIENT_SECRET")
headers["Authorization"] = "Basic " .. mime.b64(credentials)
headers["Content-Type"] = "application/x-www-form-urlencoded"
local content = pairs_of({ { "grant_type", grant_type } })

local path = "/oauth/token"
local query = {  }
local url = base_url .. path .. (#query > 0 and "?" .. pairs_of(query) or "")
local _, text = send(url, headers, content)
local good, answer = pcall(parse, text)
if not good then
    fail("the answer is not JSON (" .. tostring(answer) .. "): " .. text)
end
answer = type(answer) == "table" and answer or {}
local access_token = answer["access_token"]
show("access_token", access_token)
local api_url = answer["api_url"]
show("api_url", api_url)
local expires_in = answer["expires_in"]
show("expires_in", expires_in)
local refresh_token = answer["refresh_token"]
show("refresh_token", refresh_token)
local scope = answer["scope"]
show("scope", scope)
local token_type = answer["token_type"]
show("token_type", token_type)
