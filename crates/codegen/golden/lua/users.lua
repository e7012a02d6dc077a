#!/usr/bin/env lua
-- List users
-- GET /v2/users
--
-- It also takes:
--   status: `active` (default), `inactive` or `pending`.
--   page_size: Records a page, 30 by default, at most 2000; more means 2000.
--   page_number: The page, from 1. Kept for older clients; use `next_page_token`.
--   role_id: Only users with this role.
--   include_fields: `host_key` adds it to each user. `custom_attributes` is taken too; they are told anyway.
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
            method = "GET",
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
local content = nil

local path = "/v2/users"
local query = {  }
local url = base_url .. path .. (#query > 0 and "?" .. pairs_of(query) or "")
local first_url = url .. (#query > 0 and "&" or "?")
local user_count = 0
while url do
    local _, text = send(url, headers, content)
    local good, answer = pcall(parse, text)
    if not good then
        fail("the answer is not JSON (" .. tostring(answer) .. "): " .. text)
    end
    answer = type(answer) == "table" and answer or {}
    local next_page_token = answer["next_page_token"]
    show("next_page_token", next_page_token)
    local page_count = answer["page_count"]
    show("page_count", page_count)
    local page_size = answer["page_size"]
    show("page_size", page_size)
    local total_records = answer["total_records"]
    show("total_records", total_records)
    local page_number = answer["page_number"]
    show("page_number", page_number)
    local users_value = answer["users"]
    if type(users_value) == "table" then
        for user_index, user_value in ipairs(users_value) do
            if type(user_value) == "table" then
                local created_at = user_value["created_at"]
                show("users[" .. (user_count + user_index - 1) .. "].created_at", created_at)
                local custom_attributes = user_value["custom_attributes"]
                if type(custom_attributes) == "table" then
                    for custom_attribute_index, custom_attribute in ipairs(custom_attributes) do
                        if type(custom_attribute) == "table" then
                            local key = custom_attribute["key"]
                            show("users[" .. (user_count + user_index - 1) .. "].custom_attributes[" .. (custom_attribute_index - 1) .. "].key", key)
                            local custom_attribute_name = custom_attribute["name"]
                            show("users[" .. (user_count + user_index - 1) .. "].custom_attributes[" .. (custom_attribute_index - 1) .. "].name", custom_attribute_name)
                            local custom_attribute_value = custom_attribute["value"]
                            show("users[" .. (user_count + user_index - 1) .. "].custom_attributes[" .. (custom_attribute_index - 1) .. "].value", custom_attribute_value)
                        end
                    end
                end
                local dept = user_value["dept"]
                show("users[" .. (user_count + user_index - 1) .. "].dept", dept)
                local display_name = user_value["display_name"]
                show("users[" .. (user_count + user_index - 1) .. "].display_name", display_name)
                local division_ids = user_value["division_ids"]
                if type(division_ids) == "table" then
                    for division_id_index, division_id in ipairs(division_ids) do
                        show("users[" .. (user_count + user_index - 1) .. "].division_ids[" .. (division_id_index - 1) .. "]", division_id)
                    end
                end
                local email = user_value["email"]
                show("users[" .. (user_count + user_index - 1) .. "].email", email)
                local employee_unique_id = user_value["employee_unique_id"]
                show("users[" .. (user_count + user_index - 1) .. "].employee_unique_id", employee_unique_id)
                local first_name = user_value["first_name"]
                show("users[" .. (user_count + user_index - 1) .. "].first_name", first_name)
                local group_ids = user_value["group_ids"]
                if type(group_ids) == "table" then
                    for group_id_index, group_id in ipairs(group_ids) do
                        show("users[" .. (user_count + user_index - 1) .. "].group_ids[" .. (group_id_index - 1) .. "]", group_id)
                    end
                end
                local host_key = user_value["host_key"]
                show("users[" .. (user_count + user_index - 1) .. "].host_key", host_key)
                local id = user_value["id"]
                show("users[" .. (user_count + user_index - 1) .. "].id", id)
                local im_group_ids = user_value["im_group_ids"]
                if type(im_group_ids) == "table" then
                    for im_group_id_index, im_group_id in ipairs(im_group_ids) do
                        show("users[" .. (user_count + user_index - 1) .. "].im_group_ids[" .. (im_group_id_index - 1) .. "]", im_group_id)
                    end
                end
                local last_client_version = user_value["last_client_version"]
                show("users[" .. (user_count + user_index - 1) .. "].last_client_version", last_client_version)
                local last_login_time = user_value["last_login_time"]
                show("users[" .. (user_count + user_index - 1) .. "].last_login_time", last_login_time)
                local last_name = user_value["last_name"]
                show("users[" .. (user_count + user_index - 1) .. "].last_name", last_name)
                local license_info_list = user_value["license_info_list"]
                if type(license_info_list) == "table" then
                    for license_info_list_item_index, license_info_list_item in ipairs(license_info_list) do
                        if type(license_info_list_item) == "table" then
                            local license_option = license_info_list_item["license_option"]
                            show("users[" .. (user_count + user_index - 1) .. "].license_info_list[" .. (license_info_list_item_index - 1) .. "].license_option", license_option)
                            local license_type = license_info_list_item["license_type"]
                            show("users[" .. (user_count + user_index - 1) .. "].license_info_list[" .. (license_info_list_item_index - 1) .. "].license_type", license_type)
                            local subscription_id = license_info_list_item["subscription_id"]
                            show("users[" .. (user_count + user_index - 1) .. "].license_info_list[" .. (license_info_list_item_index - 1) .. "].subscription_id", subscription_id)
                        end
                    end
                end
                local plan_united_type = user_value["plan_united_type"]
                show("users[" .. (user_count + user_index - 1) .. "].plan_united_type", plan_united_type)
                local pmi = user_value["pmi"]
                show("users[" .. (user_count + user_index - 1) .. "].pmi", pmi)
                local role_id = user_value["role_id"]
                show("users[" .. (user_count + user_index - 1) .. "].role_id", role_id)
                local user_status = user_value["status"]
                show("users[" .. (user_count + user_index - 1) .. "].status", user_status)
                local timezone = user_value["timezone"]
                show("users[" .. (user_count + user_index - 1) .. "].timezone", timezone)
                local user_type = user_value["type"]
                show("users[" .. (user_count + user_index - 1) .. "].type", user_type)
                local user_created_at = user_value["user_created_at"]
                show("users[" .. (user_count + user_index - 1) .. "].user_created_at", user_created_at)
                local verified = user_value["verified"]
                show("users[" .. (user_count + user_index - 1) .. "].verified", verified)
            end
        end
        user_count = user_count + #users_value
    end

    -- The next page, if there is one.
    local token = answer["next_page_token"]
    url = type(token) == "string" and token ~= "" and first_url .. pairs_of({ { "next_page_token", token } })
end
