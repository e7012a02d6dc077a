#!/usr/bin/env lua
-- Reads JSON that is built like the sample
-- Reads standard input. Needs Lua 5.1 or later, with lua-cjson.

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

local function fail(message)
    io.stderr:write(message, "\n")
    os.exit(1)
end

local function list_of(element_type)
    return { element_type = element_type }
end

-- The types of the response, in the order in which they are printed.
local types = {}
types.answer_row = {
    { "id", "integer" },
    { "note", "text" },
}
types.owner = {
    { "id", "text" },
    { "class", "json" },
}
types.answer = {
    { "id", "integer" },
    { "2nd-name", "text" },
    { "class", "boolean" },
    { "mean", "number" },
    { "tags", list_of("text") },
    { "grid", list_of(list_of("integer")) },
    { "owner", types.owner },
    { "rows", list_of(types.answer_row) },
    { "userName", "text" },
    { "user_name", "text" },
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
        fail("standard input is not JSON (" .. tostring(value) .. ")")
    end
    return value
end

show("", parse(io.read("*a")), types.answer)
