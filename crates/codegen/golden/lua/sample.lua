#!/usr/bin/env lua
-- Reads JSON that is built like the sample
-- Reads standard input. For Lua 5.1 or later, with lua-cjson.

local cjson = require("cjson")

local function fail(message)
    io.stderr:write(message, "\n")
    os.exit(1)
end

-- Prints a value on one line; nothing where there is none, which is `cjson.null` or nil.
local function show(place, value)
    if type(value) == "number" then
        value = value == math.floor(value) and string.format("%.0f", value) or string.format("%.15g", value)
    elseif type(value) == "boolean" then
        value = tostring(value)
    elseif type(value) ~= "string" then
        return
    end
    local text = value:gsub("[\\\n\r]", { ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r" })
    io.write(place, ": ", text, "\n")
end

local answer = cjson.decode(io.read("*a"))
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
    -- class: the description does not say what it holds
end
local rows = answer["rows"]
if type(rows) == "table" then
    for row_index, row in ipairs(rows) do
        local row_id = row["id"]
        show("rows[" .. (row_index - 1) .. "].id", row_id)
        local note = row["note"]
        show("rows[" .. (row_index - 1) .. "].note", note)
    end
end
local user_name = answer["userName"]
show("userName", user_name)
local user_name_value = answer["user_name"]
show("user_name", user_name_value)
