#!/usr/bin/env lua
-- Get an access token
-- POST /oauth/token
--
-- Optional parameters:
--   account_id: With `account_credentials`: the account's id.
--   code: With `authorization_code`: the code. It is valid once, for five minutes.
--   redirect_uri: With `authorization_code`: the redirect URI of the authorization request.
--   code_verifier: With `authorization_code`: the verifier, if the authorization request had a challenge.
--   refresh_token: With `refresh_token`: the token to retire.
--   client_id: The app, if there is no Basic header.
-- Needs Lua 5.1 or later, with lua-cjson, LuaSocket and, for HTTPS, LuaSec.

-- Loads a module, or names the rock or package that has it.
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

local function list_of(element_type)
    return { element_type = element_type }
end

-- The types of the response, in the order in which they are printed.
local types = {}
types.answer = {
    { "access_token", "text" },
    { "api_url", "text" },
    { "expires_in", "integer" },
    { "refresh_token", "text" },
    { "scope", "text" },
    { "token_type", "text" },
}

local function escaped(text)
    return (text:gsub("[\\\n\r]", { ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r" }))
end

local function formatted(value)
    if type(value) == "number" then
        return string.format(value == math.floor(value) and "%.0f" or "%.15g", value)
    end
    return escaped(type(value) == "table" and cjson.encode(value) or tostring(value))
end

-- Prints each value of a type on its own line, and nothing for absent values.
local function show(place, value, value_type)
    if value == nil or value == cjson.null then
        return
    elseif type(value_type) == "string" then
        print(place .. ": " .. formatted(value))
    elseif type(value) ~= "table" then
        return
    elseif value_type.element_type then
        for position, element in ipairs(value) do
            show(string.format("%s[%d]", place, position - 1), element, value_type.element_type)
        end
    else
        for _, member in ipairs(value_type) do
            local name, member_type = member[1], member[2]
            show(place == "" and escaped(name) or place .. "." .. escaped(name), value[name], member_type)
        end
    end
end

-- Parses JSON. cjson reads every number as a double, so integers that a double would round are put in quotes first.
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
    local good, value = pcall(cjson.decode, table.concat(pieces))
    if not good then
        fail("the response is not JSON (" .. tostring(value) .. "): " .. text)
    end
    return value
end

-- Maximum time for a response, in seconds.
http.TIMEOUT = 60

-- Returns an environment variable.
local function setting(name)
    local value = os.getenv(name)
    if not value or value == "" then
        fail("set " .. name .. " in the environment")
    end
    return value
end

-- Percent-encodes everything but letters, digits and -._~
local function encode(text)
    return (text:gsub("[^A-Za-z0-9._~-]", function(byte)
        return string.format("%%%02X", byte:byte())
    end))
end

-- Writes parameters as a query or a form.
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

-- Returns how long a 429 response asks to wait: Retry-After is a number of seconds or a time.
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

-- Sends the request and returns the headers and the body of a successful response. Retries up to five times after 429.
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

-- Get an access token.
local function create_token(options)
    options = options or {}
    local grant_type = options.grant_type or "account_credentials"
    local base_url = setting("API_BASE_URL"):gsub("/+$", "")
    local path = "/oauth/token"
    local credentials = setting("API_CLIENT_ID") .. ":" .. setting("API_CLIENT_SECRET")
    local headers = {
        ["Accept"] = "application/json",
        ["User-Agent"] = "rollcall-sample",
        ["Authorization"] = "Basic " .. mime.b64(credentials),
        ["Content-Type"] = "application/x-www-form-urlencoded",
    }
    local content = pairs_of({ { "grant_type", grant_type } })
    local url = base_url .. path
    local _, text = send(url, headers, content)
    return parse(text)
end

show("", create_token(), types.answer)
