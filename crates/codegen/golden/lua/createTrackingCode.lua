#!/usr/bin/env lua
-- Create a tracking code
-- POST /v1/admin/meeting/config/trackingCodes
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

local headers = { ["Accept"] = "application/json", ["User-Agent"] = "rollcall-sample" }
headers["Authorization"] = "Bearer " .. setting("API_TOKEN")
headers["Content-Type"] = "application/json"
local content = "{\n  \"hostProfileCode\": \"optional\",\n  \"inputMode\": \"select\",\n  \"name\": \"Department\",\n  \"options\": [\n    {\n      \"defaultValue\": false,\n      \"value\": \"Engineering\"\n    },\n    {\n      \"defaultValue\": true,\n      \"value\": \"Design\"\n    },\n    {\n      \"defaultValue\": false,\n      \"value\": \"Sales\"\n    }\n  ],\n  \"scheduleStartCodes\": [\n    {\n      \"service\": \"MeetingCenter\",\n      \"type\": \"required\"\n    },\n    {\n      \"service\": \"EventCenter\",\n      \"type\": \"optional\"\n    }\n  ],\n  \"siteUrl\": \"example.webex.com\"\n}"

local path = "/v1/admin/meeting/config/trackingCodes"
local query = {  }
local url = base_url .. path .. (#query > 0 and "?" .. pairs_of(query) or "")
local _, text = send(url, headers, content)
local good, answer = pcall(parse, text)
if not good then
    fail("the answer is not JSON (" .. tostring(answer) .. "): " .. text)
end
answer = type(answer) == "table" and answer or {}
local host_profile_code = answer["hostProfileCode"]
show("hostProfileCode", host_profile_code)
local id = answer["id"]
show("id", id)
local input_mode = answer["inputMode"]
show("inputMode", input_mode)
local name_value = answer["name"]
show("name", name_value)
local options = answer["options"]
if type(options) == "table" then
    for option_index, option in ipairs(options) do
        if type(option) == "table" then
            local default_value = option["defaultValue"]
            show("options[" .. (option_index - 1) .. "].defaultValue", default_value)
            local option_value = option["value"]
            show("options[" .. (option_index - 1) .. "].value", option_value)
        end
    end
end
local schedule_start_codes = answer["scheduleStartCodes"]
if type(schedule_start_codes) == "table" then
    for schedule_start_code_index, schedule_start_code in ipairs(schedule_start_codes) do
        if type(schedule_start_code) == "table" then
            local service = schedule_start_code["service"]
            show("scheduleStartCodes[" .. (schedule_start_code_index - 1) .. "].service", service)
            local schedule_start_code_type = schedule_start_code["type"]
            show("scheduleStartCodes[" .. (schedule_start_code_index - 1) .. "].type", schedule_start_code_type)
        end
    end
end
local site_url = answer["siteUrl"]
show("siteUrl", site_url)
