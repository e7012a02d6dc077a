#!/usr/bin/env lua
-- Reads JSON that is built like the sample
-- Reads standard input. For Lua 5.1 or later, with lua-cjson.

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

local answer = parse(io.read("*a"))
answer = type(answer) == "table" and answer or {}
local id = answer["id"]
show("id", id)
local field_2nd_name = answer["2nd-name"]
show("2nd-name", field_2nd_name)
local class = answer["class"]
show("class", class)
local mean = answer["mean"]
show("mean", mean)
local tags = answer["tags"]
if type(tags) == "table" then
    for tag_index, tag in ipairs(tags) do
        show("tags[" .. (tag_index - 1) .. "]", tag)
    end
end
local grid = answer["grid"]
if type(grid) == "table" then
    for grid_item_index, grid_item in ipairs(grid) do
        local inner = grid_item
        if type(inner) == "table" then
            for inner_item_index, inner_item in ipairs(inner) do
                show("grid[" .. (grid_item_index - 1) .. "][" .. (inner_item_index - 1) .. "]", inner_item)
            end
        end
    end
end
local owner = answer["owner"]
if type(owner) == "table" then
    local owner_id = owner["id"]
    show("owner.id", owner_id)
    local owner_class = owner["class"]
    show("owner.class", owner_class)
end
local rows = answer["rows"]
if type(rows) == "table" then
    for row_index, row in ipairs(rows) do
        if type(row) == "table" then
            local row_id = row["id"]
            show("rows[" .. (row_index - 1) .. "].id", row_id)
            local note = row["note"]
            show("rows[" .. (row_index - 1) .. "].note", note)
        end
    end
end
local user_name = answer["userName"]
show("userName", user_name)
local user_name_value = answer["user_name"]
show("user_name", user_name_value)
