#!/usr/bin/env ruby
# Reads JSON that is built like the sample
# Reads standard input.
# frozen_string_literal: true

require "json"

$stdout.set_encoding(Encoding::UTF_8)

# Prints a value on one line; nothing if there is none.
def show(place, value)
  case value
  when nil
    return
  when Float
    value = format("%.15g", value)
  else
    value = JSON.generate(value) if value.is_a?(Hash) || value.is_a?(Array)
    value = value.to_s.gsub(/[\\\n\r]/, "\\" => "\\\\", "\n" => "\\n", "\r" => "\\r")
  end
  puts "#{place}: #{value}"
end

answer = JSON.parse($stdin.set_encoding(Encoding::UTF_8).read)
answer = {} unless answer.is_a?(Hash)
id = answer['id']
show('id', id)
field_2nd_name = answer['2nd-name']
show('2nd-name', field_2nd_name)
class_value = answer['class']
show('class', class_value)
mean = answer['mean']
show('mean', mean)
tags = answer['tags']
if tags.is_a?(Array)
  tags.each_with_index do |tag, tag_index|
    show('tags[' + tag_index.to_s + ']', tag)
  end
end
grid = answer['grid']
if grid.is_a?(Array)
  grid.each_with_index do |grid_item, grid_item_index|
    inner = grid_item
    if inner.is_a?(Array)
      inner.each_with_index do |inner_item, inner_item_index|
        show('grid[' + grid_item_index.to_s + '][' + inner_item_index.to_s + ']', inner_item)
      end
    end
  end
end
owner = answer['owner']
if owner.is_a?(Hash)
  owner_id = owner['id']
  show('owner.id', owner_id)
  owner_class = owner['class']
  show('owner.class', owner_class)
end
rows = answer['rows']
if rows.is_a?(Array)
  rows.each_with_index do |row, row_index|
    next unless row.is_a?(Hash)

    row_id = row['id']
    show('rows[' + row_index.to_s + '].id', row_id)
    note = row['note']
    show('rows[' + row_index.to_s + '].note', note)
  end
end
user_name = answer['userName']
show('userName', user_name)
user_name_value = answer['user_name']
show('user_name', user_name_value)
